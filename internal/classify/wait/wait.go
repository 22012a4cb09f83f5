package wait

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Max bounds a wait that only text asks for.
const Max = 24 * time.Hour

// A Hint is a time to wait that a text names.
type Hint struct {
	// For is how long from now on: more than nothing, at most Max.
	For time.Duration
	// Planned says that it is what the one who wrote it planned to do by itself ("retrying in 8s"),
	// and not what it was asked for. It counts for little once the writer is dead.
	Planned bool
}

// rank orders the times of one text by whose word they are.
type rank int

const (
	// planned is a client's own plan.
	planned rank = iota + 1
	// bare is a moment that nothing but its size tells from another number.
	bare
	// reset is when a limit ends.
	reset
	// retry is when to try again.
	retry
)

// finding is a time that was read, and where reading goes on.
type finding struct {
	wait time.Duration
	rank rank
	next int
}

// In finds the time that a text asks to wait, seen from now. Of several the one that asks for most
// authority holds: a request to retry, then the end of a limit, then the writer's own plan; of equal
// ones the longest. A time that has passed asks for nothing. It is false when the text names none;
// none is invented. The text may have several lines.
func In(text string, now time.Time) (Hint, bool) {
	best := strongest(text, now)
	return Hint{For: min(best.wait, Max), Planned: best.rank == planned}, best.wait > 0
}

// Reset is In for the error of a program that says itself when its limit ends: that may be days away.
func Reset(text string, now time.Time) (time.Duration, bool) {
	best := strongest(text, now)
	return best.wait, best.wait > 0 && best.rank != planned
}

// strongest is the time of a text that counts.
func strongest(text string, now time.Time) finding {
	r := &reader{text: text, toks: tokens(text), now: now}
	var best finding
	for i := 0; i < len(r.toks); {
		f, ok := r.find(i)
		if !ok {
			i++
			continue
		}
		i = max(f.next, i+1)
		if f.wait > 0 && (f.rank > best.rank || f.rank == best.rank && f.wait > best.wait) {
			best = f
		}
	}
	return best
}

func (r *reader) find(i int) (finding, bool) {
	if r.at(i).kind == word && !(r.at(i).glued && r.at(i-1).kind != mark) {
		if f, ok := r.keyed(i); ok {
			return f, true
		}
		if f, ok := r.prose(i); ok {
			return f, true
		}
	}
	return r.bareEpoch(i)
}

// until is the time from now to a moment.
func (r *reader) until(t time.Time) time.Duration { return t.Sub(r.now) }

// epoch reads a number of seconds, milliseconds or microseconds since 1970, of our days.
func (r *reader) epoch(i int) (time.Time, int, bool) {
	t := r.at(i)
	if t.kind != number {
		return time.Time{}, i, false
	}
	whole, fraction, _ := strings.Cut(t.text, ".")
	unit, ok := map[int]time.Duration{10: time.Second, 13: time.Millisecond, 16: time.Microsecond}[len(whole)]
	n, err := strconv.ParseInt(whole, 10, 64)
	if !ok || err != nil || fraction != "" && unit != time.Second {
		return time.Time{}, i, false
	}
	perSecond := int64(time.Second / unit)
	at := time.Unix(n/perSecond, n%perSecond*int64(unit))
	if part, err := strconv.ParseFloat("0."+fraction+"0", 64); err == nil {
		at = at.Add(time.Duration(math.Round(part * float64(time.Second))))
	}
	return at, i + 1, n/perSecond > 1e9 && n/perSecond < 5e9
}

// ahead is how far a number may lie in the future that only its size makes a moment.
const ahead = 60 * day

// reached are words behind which a number may be the moment at which a limit ends.
var reached = []string{"reached", "exceeded", "limit", "limited", "until", "blocked", "exhausted"}

// bareEpoch reads a moment that stands alone, as in "limit reached|1795851443". One behind another
// key or inside a name is something else.
func (r *reader) bareEpoch(i int) (finding, bool) {
	t, next, ok := r.epoch(i)
	if !ok || r.until(t) <= 0 || r.until(t) > ahead || r.negative(i) {
		return finding{}, false
	}
	if r.is(i-1, ":", "=") && !r.is(i-2, reached...) || r.at(i).glued && !r.is(i-1, "|", "(", "[", "@", ":", "=") {
		return finding{}, false
	}
	if r.at(next).glued && r.at(next).kind != line && !r.is(next, ".", ",", ")", "]", "|", "}") {
		return finding{}, false
	}
	return finding{wait: r.until(t), rank: bare, next: next}, true
}
