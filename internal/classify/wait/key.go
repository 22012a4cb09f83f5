package wait

import (
	"slices"
	"strconv"
	"time"
)

// identifier is the name at i, cut into its words, and where it ends.
func (r *reader) identifier(i int) ([]string, int) {
	words := []string{r.at(i).text}
	for i++; r.at(i).glued && len(words) < 12; i++ {
		switch t := r.at(i); {
		case t.kind == word || t.kind == number:
			words = append(words, t.text)
		case !r.is(i, "_", "-") || !r.at(i+1).glued || r.at(i+1).kind != word && r.at(i+1).kind != number:
			return words, i
		}
	}
	return words, i
}

// others are words of keys that name a setting or a count, not a time to wait.
var others = []string{
	"count", "counts", "counter", "max", "maximum", "minimum", "attempts", "policy", "interval", "enabled", "total", "remaining",
	"used", "multiplier", "factor", "code", "status", "connection", "password", "budget", "timeout", "jitter",
}

// meaning tells what a key announces: its rank, or false when it is not of a time to wait.
func meaning(key []string) (rank, bool) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(key, w) })
	}
	_, unit := unitOf(key)
	timed := unit || has("at", "in", "after", "time", "timestamp", "until", "delay", "for")
	switch {
	case has(others...), key[0] == "min":
		return 0, false
	case has("backoff"), has("next") && has("retry", "attempt"):
		return planned, timed || has("backoff")
	case has("retry") && (timed || has("wait")), has("try") && has("again") && timed:
		return retry, true
	case has("reset", "resets", "resetting"):
		return reset, true
	case has("cooldown"), has("cool") && has("down"):
		return reset, true
	case has("wait", "available", "unblocked", "blocked", "banned", "unlocks", "unlock", "released", "allowed", "suspended"):
		return reset, timed && len(key) > 1
	case len(key) == 1 && key[0] == "ratelimit", len(key) == 2 && key[0] == "rate" && key[1] == "limit":
		return reset, true
	}
	return 0, false
}

// keyed reads a key and its value. A name of several words needs no colon: "retry-after 30".
func (r *reader) keyed(i int) (finding, bool) {
	key, next := r.identifier(i)
	rank, ok := meaning(key)
	if !ok {
		return finding{}, false
	}
	value := next
	switch {
	case r.is(next, ":", "="):
		for r.is(value, ":", "=", ">") {
			value++
		}
	case !r.is(next, "{") && len(key) == 1:
		return finding{}, false
	}
	if len(key) <= 2 && (key[0] == "ratelimit" || key[0] == "rate") {
		return r.structured(value)
	}
	wait, after, ok := r.value(key, value)
	return finding{wait: wait, rank: rank, next: after}, ok
}

// value reads what a key holds: a message of seconds and nanos, a length of time, a moment or a
// plain number in the unit that the key names, seconds without one.
func (r *reader) value(key []string, i int) (time.Duration, int, bool) {
	if r.is(i, "{") {
		return r.message(i + 1)
	}
	if t, next, ok := r.epoch(i); ok {
		return r.until(t), next, true
	}
	length := slices.ContainsFunc([]string{"retry", "after", "in", "delay", "for", "cooldown", "backoff", "wait"}, func(w string) bool { return slices.Contains(key, w) })
	if d, next, ok := r.duration(i); ok && (length || !r.is(i+1, ":")) {
		return d, next, true
	}
	if t, next, ok := r.moment(i); ok {
		return r.until(t), next, true
	}
	return r.plain(key, i)
}

// plain reads a number without a unit of its own.
func (r *reader) plain(key []string, i int) (time.Duration, int, bool) {
	t := r.at(i)
	if t.kind != number || r.negative(i) || len(t.text) > 12 {
		return 0, i, false
	}
	if r.is(i+1, "/", "%", ":", "-") || r.at(i+1).glued && (r.at(i+1).kind == word || r.at(i+1).kind == number) {
		return 0, i, false
	}
	unit, ok := unitOf(key)
	if !ok {
		unit = time.Second
	}
	d, ok := scale(t.text, unit)
	return d, i + 1, ok
}

// message reads { seconds: 33 nanos: 500 }, as protobuf and its JSON print a length of time.
func (r *reader) message(i int) (time.Duration, int, bool) {
	var total time.Duration
	found := false
	for steps := 0; steps < 4; steps++ {
		for r.at(i).kind == line || r.is(i, ",") {
			i++
		}
		unit, ok := units[r.at(i).text]
		if !ok || r.at(i).kind != word || !r.is(i+1, ":", "=") {
			break
		}
		d, ok := scale(r.at(i+2).text, unit)
		if !ok {
			return 0, i, false
		}
		total, i, found = add(total, d), i+3, true
	}
	return total, i, found
}

// structured reads the RateLimit header field: "default";r=0;t=50 asks for 50 seconds when r is 0.
func (r *reader) structured(i int) (finding, bool) {
	left, wait := 1, -1
	for last := i + 24; i < last && r.at(i).kind != line && r.at(i).kind != end; i++ {
		n, err := strconv.Atoi(r.at(i + 2).text)
		switch {
		case !r.is(i+1, "=") || err != nil || n > 1e9:
		case r.is(i, "r", "remaining"):
			left = n
		case r.is(i, "t", "reset"):
			wait = n
		}
	}
	return finding{wait: time.Duration(wait) * time.Second, rank: reset, next: i}, left == 0 && wait > 0
}
