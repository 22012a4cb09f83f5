package wait

import (
	"slices"
	"time"
)

// cue is a phrase behind which a time to wait may follow.
type cue struct {
	words []string
	rank  rank
	// prepositions must introduce the time; without them it may follow at once.
	prepositions []string
	// near are words of which one must stand shortly before, never ones of which none may.
	near, never []string
}

var (
	inOrFor  = []string{"in", "for", "after", "within"}
	anyPrep  = []string{"in", "for", "after", "at", "on", "until", "till", "by", "from"}
	limiting = []string{
		"limit", "limits", "limited", "throttled", "throttle", "many", "quota", "blocked", "banned", "suspended", "locked", "unavailable", "paused",
		"exceeded", "reached", "exhausted", "again", "retry", "closed", "maintenance", "ban", "block", "lockout", "cooldown", "suspension", "wait",
	}
	asking  = append([]string{"please", "must", "should", "to", "need", "needs", "then", "429"}, limiting...)
	notOurs = []string{"connection", "was", "been", "stream", "peer", "socket", "password", "last", "previous", "hard", "soft", "timed", "timeout", "gave", "connections"}
)

// cues are tried in this order at each word.
var cues = []cue{
	{words: []string{"try", "again"}, rank: retry},
	{words: []string{"retry"}, rank: retry, prepositions: anyPrep, never: notOurs},
	{words: []string{"retrying"}, rank: planned, prepositions: anyPrep},
	{words: []string{"reconnecting"}, rank: planned, prepositions: inOrFor},
	{words: []string{"backing", "off"}, rank: planned, prepositions: inOrFor},
	{words: []string{"sleeping"}, rank: planned},
	{words: []string{"waiting"}, rank: planned, never: notOurs},
	{words: []string{"next", "attempt"}, rank: planned},
	{words: []string{"next", "retry"}, rank: planned},
	{words: []string{"next", "try"}, rank: planned},
	{words: []string{"back", "off"}, rank: retry, prepositions: inOrFor},
	{words: []string{"come", "back"}, rank: retry},
	{words: []string{"check", "back"}, rank: retry},
	{words: []string{"be", "back"}, rank: retry, prepositions: anyPrep},
	{words: []string{"available"}, rank: retry, prepositions: anyPrep},
	{words: []string{"wait"}, rank: retry, near: asking, never: notOurs},
	{words: []string{"resets"}, rank: reset, never: notOurs},
	{words: []string{"reset"}, rank: reset, never: notOurs},
	{words: []string{"renews"}, rank: reset},
	{words: []string{"refreshes"}, rank: reset},
	{words: []string{"replenishes"}, rank: reset},
	{words: []string{"refills"}, rank: reset},
	{words: []string{"unlocks"}, rank: reset},
	{words: []string{"reopens"}, rank: reset},
	{words: []string{"resumes"}, rank: reset},
	{words: []string{"resume"}, rank: reset, prepositions: anyPrep},
	{words: []string{"lifted"}, rank: reset},
	{words: []string{"expires"}, rank: reset, near: []string{"ban", "block", "lockout", "cooldown", "suspension", "limit", "throttle"}},
	{words: []string{"until"}, rank: reset, near: limiting},
	{words: []string{"blocked"}, rank: reset, prepositions: []string{"for", "until", "till"}},
	{words: []string{"banned"}, rank: reset, prepositions: []string{"for", "until", "till"}},
	{words: []string{"limited"}, rank: reset, prepositions: []string{"for", "until", "till"}},
	{words: []string{"throttled"}, rank: reset, prepositions: []string{"for", "until", "till"}},
	{words: []string{"suspended"}, rank: reset, prepositions: []string{"for", "until", "till"}},
	{words: []string{"cooldown"}, rank: reset},
}

const (
	// reach is how many tokens may lie between a cue and the preposition of its time: "Retrying
	// request to /v1/chat in 0.4 seconds".
	reach = 14
	// before is how many tokens before a cue are looked at for the words that it needs.
	before = 8
)

// failed are words that turn what follows a cue into a report of what happened.
var failed = []string{"failed", "error", "refused", "started", "occurred", "since", "ago", "took", "elapsed", "times", "attempts", "because", "but", "as", "were", "was"}

// cuesOf are the cues that begin with a word.
var cuesOf = func() map[string][]int {
	of := map[string][]int{}
	for i, c := range cues {
		of[c.words[0]] = append(of[c.words[0]], i)
	}
	return of
}()

// prose reads a phrase and the time behind it.
func (r *reader) prose(i int) (finding, bool) {
	for _, k := range cuesOf[r.at(i).text] {
		c := cues[k]
		next, ok := r.phrase(c.words, i)
		if !ok || !r.allowed(c, i) {
			continue
		}
		if wait, after, ok := r.behind(c, next); ok {
			return finding{wait: wait, rank: r.whose(c, i), next: after}, true
		}
	}
	return finding{}, false
}

func (r *reader) phrase(words []string, i int) (int, bool) {
	for _, w := range words {
		if r.at(i).kind != word || r.at(i).text != w {
			return i, false
		}
		for i++; r.wraps(i) || r.is(i, "-") && r.at(i).glued; i++ {
		}
	}
	return i, true
}

// allowed checks the words before a cue.
func (r *reader) allowed(c cue, i int) bool {
	if r.is(i-1, c.never...) || r.is(i-2, c.never...) {
		return false
	}
	for k := i - 1; k >= i-before; k-- {
		if t := r.at(k); (t.kind == word || t.kind == number) && slices.Contains(c.near, t.text) {
			return true
		}
	}
	return len(c.near) == 0
}

// whose tells a request to retry from an announcement to do so: "will retry in 5s".
func (r *reader) whose(c cue, i int) rank {
	if c.rank == retry && (r.is(i-1, "will", "ll", "automatically", "auto") || r.is(i-2, "will", "ll") && r.at(i-1).kind == word) && !r.is(i, "be", "available") {
		return planned
	}
	return c.rank
}

// behind reads the time that follows a cue.
func (r *reader) behind(c cue, i int) (time.Duration, int, bool) {
	direct := len(c.prepositions) == 0
	for k, last := i, i+reach; k < last; k++ {
		t := r.at(k)
		switch {
		case t.kind == end, t.kind == line && !r.wraps(k), r.is(k, ";", "{", "}"), r.is(k, failed...):
			return 0, k, false
		case r.is(k, ".", "!", "?") && !r.at(k+1).glued && !r.is(k+1, "."):
			return 0, k, false
		case r.is(k, anyPrep...) && (direct || slices.Contains(c.prepositions, t.text)):
			if d, next, ok := r.introduced(c, k); ok {
				return d, next, true
			}
			direct = false
		case direct:
			if d, next, ok := r.either(k, false); ok {
				return d, next, true
			}
			direct = r.is(k, ":", "=", "(", "-", "|", "again", "time", "date", "~", ",", "≈", "→", "·") || r.wraps(k)
		}
	}
	return 0, i, false
}

// introduced reads a time behind the preposition at k. A bare number is seconds only where nothing
// is counted: "retry after 7", but not "retry after 3 attempts".
func (r *reader) introduced(c cue, k int) (time.Duration, int, bool) {
	next := r.skip(k+1, ":", "=", "(")
	if d, after, ok := r.either(next, r.is(k, inOrFor...)); ok {
		return d, after, true
	}
	followed := r.at(next+1).kind == word && !r.wraps(next+1)
	if c.rank == retry && c.words[0] == "retry" && r.is(k, "after", "in") && !followed {
		return r.plain(nil, next)
	}
	return 0, k, false
}

// either reads a length of time, a moment or an epoch at i. What has the form of both, 02:30:00, is
// a length of time only where a length is announced.
func (r *reader) either(i int, length bool) (time.Duration, int, bool) {
	i = r.skip(i)
	if t, next, ok := r.epoch(i); ok {
		return r.until(t), next, true
	}
	if length || !r.is(i+1, ":") {
		if d, next, ok := r.duration(i); ok {
			return d, next, true
		}
	}
	if t, next, ok := r.moment(i); ok {
		return r.until(t), next, true
	}
	return 0, i, false
}
