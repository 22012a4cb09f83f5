package unresolved

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"healer-sidecar/internal/detect/steps"
	"healer-sidecar/internal/match"
)

const (
	// mostLooked is how many lines of a block are looked at, the last ones: a flood costs little.
	mostLooked = 96
	// mostWords and mostWidth are how much of a line makes its kind.
	mostWords, mostWidth = 16, 256
)

// message is a line with what belongs to it: the frames and details that follow.
type message struct {
	kind uint64
	text []byte
	flag *flag
}

// messagesOf are the messages in the last lines of a block, in a slice that the next call reuses.
func (j *Judge) messagesOf(block []byte) []message {
	begin := len(block)
	for n := 0; n <= mostLooked && begin > 0; n++ {
		begin = bytes.LastIndexByte(block[:begin], '\n')
	}
	all := j.buffer[:0]
	report, stamped := false, false
	for line := range bytes.Lines(block[begin+1:]) {
		line = bytes.TrimRight(line, "\r\n")
		kind := kindOf(line)
		at := slices.IndexFunc(j.flags, func(f flag) bool { return f.kind == kind })
		head := !continues(line) && !(report && len(all) > 0)
		report = bytes.HasPrefix(line, traceback) || report && continues(line)
		timed := stamp().Match(line[:min(len(line), stampWidth)])
		if len(all) > 0 && timed != stamped {
			head, report = !stamped, false // in a log whose lines bear times, one without belongs to the last
		}
		if head || len(all) == 0 {
			all, stamped = append(all, message{kind: kind, text: line}), timed
		}
		if at >= 0 && all[len(all)-1].flag == nil {
			all[len(all)-1].flag = &j.flags[at]
		}
	}
	j.buffer = all
	return all
}

// stamp is a time of day at the head of a line, within stampWidth.
var stamp = match.Lazy(`\d\d:\d\d:\d\d`)

const stampWidth = 48

var (
	traceback = []byte("Traceback (most recent")
	rubyFrame = []byte(":in `")
	// attached begin lines that go on with a report.
	attached = [][]byte{traceback, []byte("The above exception"), []byte("During handling of"), []byte("Caused by"), []byte("goroutine "), []byte("}"), []byte("]")}
)

// continues reports that a line belongs to the one before it.
func continues(line []byte) bool {
	if len(line) == 0 || line[0] == ' ' || line[0] == '\t' {
		return true
	}
	if bytes.Contains(line, rubyFrame) {
		return true
	}
	return slices.ContainsFunc(attached, func(p []byte) bool { return bytes.HasPrefix(line, p) })
}

// kindOf is the kind of a line: a hash (FNV-1a) of its words that hold no digit, and whether a request of
// HTTP that it tells of ended in an error of the server.
func kindOf(line []byte) uint64 {
	h := wordsOf(line)
	if ServerError(line) {
		h++
	}
	return h
}

// ServerError reports that a line of an access log tells of a request that ended with 500 to 599.
func ServerError(line []byte) bool {
	return bytes.Contains(line, httpVersion) && serverError().Match(line)
}

var (
	httpVersion = []byte("HTTP/")
	serverError = match.Lazy(`(?: HTTP/\d(?:\.\d)?"? | )5\d\d (?:\d|-|")`)
)

func wordsOf(line []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h, word, words, digit := uint64(offset), uint64(offset), 0, false
	end := func() {
		if word != offset && !digit {
			h, words = (h^word)*prime, words+1
		}
		word, digit = offset, false
	}
	for _, b := range line[:min(len(line), mostWidth)] {
		switch c := b | 0x20; {
		case c >= 'a' && c <= 'z' || b >= 0x80 || b == '_':
			word = (word ^ uint64(c)) * prime
		case b >= '0' && b <= '9':
			digit = true
		case bytes.IndexByte(wordEnds, b) >= 0:
			end()
		}
		if words == mostWords {
			break
		}
	}
	end()
	if words == 0 { // a name and its value in one
		for _, b := range line[:min(len(line), mostWidth)] {
			if b < '0' || b > '9' {
				h = (h ^ uint64(b)) * prime
			}
		}
	}
	return h
}

// wordEnds end a word: what is joined by other bytes, such as an id or an address, is one.
var wordEnds = []byte(" \t\"'`[](){}<>,;=|")

// retry follows when an agent tries again.
type retry struct {
	// last is when it did, gap and before are the last pauses between attempts.
	last        time.Time
	gap, before time.Duration
	// left says that it counts its attempts and has some left.
	left bool
}

// sameAttempt is how far apart lines of one attempt may be.
const sameAttempt = 300 * time.Millisecond

// again takes a message of a failed attempt into account.
func (r *retry) again(text []byte, now time.Time) {
	if m := counted().FindSubmatch(text); m != nil {
		done, _ := strconv.Atoi(string(m[1])) // a number too large is none that is left
		most, _ := strconv.Atoi(string(m[2]))
		r.left = done < most
	}
	if !r.last.IsZero() && now.Sub(r.last) < sameAttempt {
		return
	}
	if !r.last.IsZero() {
		r.before, r.gap = r.gap, now.Sub(r.last)
	}
	r.last = now
}

// counted is a count of attempts: retry 2 of 5, (3/100).
var counted = match.Lazy(`(?i)(?:(?:retry|attempt|try)\w*\W{0,3}|\()(\d{1,4})\s?(?:/|of)\s?(\d{1,4})\b`)

// scheduled reports that it keeps a schedule of its own, and is not beyond it.
func (r *retry) scheduled(now time.Time) bool {
	growing := r.before > 0 && float64(r.gap) > growth*float64(r.before)
	return (growing || r.left) && now.Sub(r.last) < 2*max(r.gap, time.Second)
}

// step follows the steps of an agent while a stretch goes on.
func (j *Judge) step(m message, now time.Time) {
	if !stepLine().Match(m.text) {
		return
	}
	gap := time.Duration(0)
	if !j.stepped.IsZero() {
		gap = now.Sub(j.stepped)
	}
	j.stepped = now
	j.stuck = j.walk.Add(steps.Line(string(m.text), gap))
}

// stepLine is a line that tells of a step of an agent by its head.
var stepLine = match.Lazy(`(?i)^.{0,40}?\b(?:action|tool|step|iteration|thought|turn)\b`)
