package cascade

import "time"

// Constants of learned edges (ENGINE.md 2.12).
const (
	// follows is how soon after another a failure may come from it; pairs of that kind must
	// have been seen LeastPairs times, liftAtLeast times as often as by chance, and in
	// that order in orderShare of the cases.
	follows     = 15 * time.Second
	LeastPairs  = 5
	liftAtLeast = 3.0
	orderShare  = 0.7
)

// Follows reports whether the failures of one node, b, have so often come right after
// those of another, a, that b is taken to need a. Both are times in ascending order.
func Follows(a, b []time.Duration) bool {
	if len(a) < LeastPairs || len(b) < LeastPairs {
		return false
	}
	after, before := near(a, b), near(b, a)
	span := max(a[len(a)-1], b[len(b)-1]) - min(a[0], b[0]) + follows
	byChance := float64(len(b)) * float64(len(a)) * follows.Seconds() / span.Seconds()
	return after >= LeastPairs && float64(after) >= liftAtLeast*byChance && float64(after) >= orderShare*float64(after+before)
}

// near counts the times of b that come right after one of a.
func near(a, b []time.Duration) int {
	n, i := 0, 0
	for _, t := range b {
		for i < len(a) && a[i] < t-follows {
			i++
		}
		if i < len(a) && a[i] < t {
			n++
		}
	}
	return n
}
