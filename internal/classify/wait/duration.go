package wait

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// units are the words of a length of time.
var units = map[string]time.Duration{
	"ns": time.Nanosecond, "nanos": time.Nanosecond, "nanosecond": time.Nanosecond, "nanoseconds": time.Nanosecond,
	"us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond, "microseconds": time.Microsecond,
	"ms": time.Millisecond, "msec": time.Millisecond, "msecs": time.Millisecond, "millis": time.Millisecond,
	"millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": day, "day": day, "days": day, "week": 7 * day, "weeks": 7 * day,
}

// counts are numbers in words. "A few" is three, "a couple" two.
var counts = map[string]float64{
	"a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "few": 3, "several": 3, "four": 4, "five": 5, "six": 6,
	"seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "half": 0.5,
	"sixty": 60,
}

// duration reads a length of time at i and reports where it ends.
func (r *reader) duration(i int) (time.Duration, int, bool) {
	i = r.skip(i, "about", "around", "approximately", "approx", "roughly", "another", "~", "≈", "at", "least", "up", "to", "next", "the", "(")
	if d, next, ok := r.threefold(i); ok {
		return d, next, true
	}
	if r.is(i, "p", "pt") && r.at(i+1).kind == number && r.at(i+1).glued {
		i++
	}
	var total time.Duration
	found := false
	for {
		d, next, ok := r.quantity(i)
		if !ok {
			break
		}
		total, i, found = add(total, d), next, true
		if more := r.skip(i, ",", "and", "t"); more > i {
			if _, _, ok := r.quantity(more); ok {
				i = more
			}
		}
	}
	if !found || r.is(i, "ago", "old", "elapsed", "earlier", "passed") {
		return 0, i, false
	}
	return total, i, true
}

// add adds two lengths without running over; what is longer than a year is one.
func add(a, b time.Duration) time.Duration { return min(a, 366*day) + min(b, 366*day) }

// threefold reads hh:mm:ss as a length of time.
func (r *reader) threefold(i int) (time.Duration, int, bool) {
	if r.at(i).kind != number || !r.is(i+1, ":") || r.at(i+2).kind != number || !r.is(i+3, ":") || r.at(i+4).kind != number {
		return 0, i, false
	}
	var total time.Duration
	for k, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		d, ok := scale(r.at(i+2*k).text, unit)
		if !ok || k > 0 && d >= 60*unit {
			return 0, i, false
		}
		total = add(total, d)
	}
	return total, i + 5, true
}

// quantity reads a number with its unit: "41.5s", "5-minute", "an hour", "half an hour", "a few minutes".
func (r *reader) quantity(i int) (time.Duration, int, bool) {
	n, next, ok := r.count(i)
	if !ok {
		return 0, i, false
	}
	if r.is(next, "-") && r.at(next).glued {
		next++
	}
	unit, known := units[r.at(next).text]
	if !known || r.at(next).kind != word {
		return 0, i, false
	}
	if r.at(next+1).glued && r.is(next+1, "_") {
		return 0, i, false
	}
	d, ok := times(n, unit)
	return d, next + 1, ok
}

// count reads how many, in digits or words.
func (r *reader) count(i int) (float64, int, bool) {
	if t := r.at(i); t.kind == number {
		n, err := strconv.ParseFloat(t.text, 64)
		return n, i + 1, err == nil && !r.negative(i)
	}
	n, next, found := 1.0, i, false
	for r.at(next).kind == word {
		c, ok := counts[r.at(next).text]
		if !ok {
			break
		}
		n, next, found = n*c, next+1, true
		if r.is(next, "of") {
			next++
		}
	}
	return n, next, found
}

// negative reports a minus sign in front of the number at i.
func (r *reader) negative(i int) bool {
	return r.is(i-1, "-") && r.at(i).glued && !r.at(i-1).glued
}

// scale converts digits in a unit.
func scale(digits string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, false
	}
	return times(n, unit)
}

// times is n units, if that is less than 400 days.
func times(n float64, unit time.Duration) (time.Duration, bool) {
	d := n * float64(unit)
	if d < 0 || d > float64(400*day) {
		return 0, false
	}
	return time.Duration(math.Round(d)), true
}

// unitOf is the unit that a key names: retry_after_ms, resetsInSeconds, cooldown_minutes.
func unitOf(key []string) (time.Duration, bool) {
	for k := len(key) - 1; k > 0; k-- {
		if d, ok := units[strings.TrimSuffix(key[k], ".")]; ok && key[k] != "d" && key[k] != "day" && key[k] != "h" && key[k] != "m" {
			return d, true
		}
	}
	return 0, false
}
