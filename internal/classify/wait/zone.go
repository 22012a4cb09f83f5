package wait

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"strings"
	"time"
)

// zoneRules hold, a line each, the name of a time zone and its rule as POSIX writes it, taken from
// the footers of the time zone database. That is all of a zone that matters for times to come, in
// a fortieth of the room of the database.
//
//go:embed zones.txt
var zoneRules string

// short names of zones, where one meaning is by far the most usual.
var zoneNames = map[string]string{
	"pt": "America/Los_Angeles", "pacific": "America/Los_Angeles", "et": "America/New_York", "eastern": "America/New_York",
	"ct": "America/Chicago", "central": "America/Chicago", "mt": "America/Denver", "mountain": "America/Denver",
}

var zoneOffsets = map[string]int{
	"z": 0, "utc": 0, "gmt": 0, "pst": -480, "pdt": -420, "mst": -420, "mdt": -360, "cst": -360, "cdt": -300, "est": -300,
	"edt": -240, "bst": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180, "ist": 330, "jst": 540, "kst": 540,
	"aest": 600, "aedt": 660,
}

// zone reads a time zone at i, bare or in brackets, and reports where it ends.
func (r *reader) zone(i int) (*time.Location, int) {
	open := r.skip(i, "(", ",")
	for _, read := range []func(int) (*time.Location, int){r.offset, r.abbreviation, r.region} {
		if z, next := read(open); z != nil {
			return z, r.skip(next, ")")
		}
	}
	return nil, i
}

// offset reads +02:00, -0700 and +2.
func (r *reader) offset(i int) (*time.Location, int) {
	if !r.is(i, "+", "-") || r.at(i+1).kind != number || !r.at(i+1).glued {
		return nil, i
	}
	n, next := r.whole(i+1), i+2
	switch {
	case n < 0 || len(r.at(i+1).text) > 4:
		return nil, i
	case len(r.at(i+1).text) > 2:
		n = n/100*60 + n%100
	default:
		n *= 60
		if r.is(next, ":") && r.at(next).glued && r.whole(next+1) >= 0 {
			n, next = n+r.whole(next+1), next+2
		}
	}
	if n > 14*60 {
		return nil, i
	}
	if r.is(i, "-") {
		n = -n
	}
	return time.FixedZone("", n*60), next
}

// abbreviation reads UTC, GMT+2, PST, ET and "Pacific time".
func (r *reader) abbreviation(i int) (*time.Location, int) {
	t := r.at(i)
	if t.kind != word {
		return nil, i
	}
	if minutes, ok := zoneOffsets[t.text]; ok {
		if z, next := r.offset(i + 1); z != nil && minutes == 0 {
			return z, next
		}
		return time.FixedZone(strings.ToUpper(t.text), minutes*60), i + 1
	}
	if name, ok := zoneNames[t.text]; ok {
		return Zone(name), r.skip(i+1, "standard", "daylight", "time")
	}
	return nil, i
}

// region reads a name of the time zone database.
func (r *reader) region(i int) (*time.Location, int) {
	next := i + 1
	for r.at(next).glued && (r.at(next).kind == word || r.is(next, "/", "_", "-")) {
		next++
	}
	if r.at(i).kind != word || next == i+1 {
		return nil, i
	}
	return Zone(r.text[r.toks[i].from:r.toks[next-1].to]), next
}

// Zone is the time zone of a name like Europe/Berlin, or nil.
func Zone(name string) *time.Location {
	_, rest, ok := strings.Cut(zoneRules, "\n"+name+" ")
	if !ok || strings.ContainsAny(name, " \n") {
		return nil
	}
	rule, _, _ := strings.Cut(rest, "\n")
	z, err := time.LoadLocationFromTZData(name, zoneFile(rule))
	if err != nil {
		return nil
	}
	return z
}

// zoneFile is a file of the time zone database (RFC 9636) that holds nothing but a rule: one kind
// of local time, no transitions, and the rule in the footer.
func zoneFile(rule string) []byte {
	var b bytes.Buffer
	for range 2 { // the file has its data twice, with 32 and with 64 bits
		b.WriteString("TZif2" + strings.Repeat("\x00", 15))
		for _, n := range []uint32{0, 0, 0, 0, 1, 4} { // the last two: kinds of local time, bytes of their names
			_ = binary.Write(&b, binary.BigEndian, n)
		}
		b.WriteString("\x00\x00\x00\x00\x00\x00LMT\x00")
	}
	b.WriteString("\n" + rule + "\n")
	return b.Bytes()
}
