package steps

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// waitingFor is how long a program may wait for something of which nobody knows how long it
// takes, ownFactor how many times the longest of its own waits.
const (
	waitingFor = 15 * time.Minute
	ownFactor  = 3
)

// wait follows how long a program has been waiting for one thing, and how long it has waited for
// others before.
type wait struct {
	// polls counts the looks that were alike; elapsed is for how long, as it says or by its gaps.
	polls    int
	elapsed  time.Duration
	timed    bool
	most     int
	longest  time.Duration
	reported time.Duration
}

// over ends a wait: what came was worth waiting for that long.
func (w *wait) over() {
	w.most, w.longest = max(w.most, w.polls), max(w.longest, w.elapsed)
	w.polls, w.elapsed, w.timed, w.reported = 0, 0, false, 0
}

// poll takes one more look at the same, and reports that the wait is still usual.
func (w *wait) poll(gap, reported time.Duration) bool {
	w.polls++
	w.elapsed += gap
	if reported > 0 {
		w.elapsed = max(w.elapsed, reported)
	}
	w.timed = w.timed || gap > 0 || reported > 0
	if w.polls < max(waits, ownFactor*w.most) {
		return true
	}
	limit := waitingFor
	if w.longest > 0 {
		limit = max(ownFactor*w.longest, time.Minute)
	}
	return w.timed && w.elapsed < limit
}

// timeWords are what a program says to have waited: behind a word for it, or before one.
var timeWords = sync.OnceValue(func() (all []*regexp.Regexp) {
	const unit = `\d+(?:\.\d+)?\s?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)`
	const long = `\d+:\d\d(?::\d\d)?|` + unit + `(?:\s?` + unit + `)*`
	for _, expr := range []string{
		`\b(?:elapsed|waited|waiting(?: for)?)(?:_s|_sec|_seconds)?"?\W{0,3}(` + long + `|\d+(?:\.\d+)?)\b`,
		`\b(?:for|after|running|age)"?\W{0,3}(` + long + `)\b`,
		`\b(` + long + `)\s(?:elapsed|so far|passed|ago)\b`,
	} {
		all = append(all, regexp.MustCompile(expr))
	}
	return all
})

var parts = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\d+(?:\.\d+)?)\s?(ms|s|m|h)?`) })

// elapsed is for how long a program says that it has been waiting; 0 when it does not.
func elapsed(text string) time.Duration {
	text = strings.ToLower(text[:min(len(text), maxText)])
	if !strings.ContainsAny(text, "0123456789") {
		return 0
	}
	said := ""
	for _, expr := range timeWords() {
		if m := expr.FindStringSubmatch(text); m != nil {
			said = m[1]
			break
		}
	}
	if strings.Contains(said, ":") {
		sum := 0
		for part := range strings.SplitSeq(said, ":") {
			n, _ := strconv.Atoi(part)
			sum = 60*sum + n
		}
		return time.Duration(sum) * time.Second
	}
	sum := time.Duration(0)
	for _, p := range parts().FindAllStringSubmatch(said, -1) {
		n, _ := strconv.ParseFloat(p[1], 64)
		unit := map[string]time.Duration{"ms": time.Millisecond, "m": time.Minute, "h": time.Hour}[p[2]]
		if unit == 0 {
			unit = time.Second
		}
		sum += time.Duration(n * float64(unit))
	}
	return sum
}
