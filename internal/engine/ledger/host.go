package ledger

import (
	"time"

	"healer-sidecar/internal/heal"
)

// LastStart is when the latest attempt was made; zero for never.
func (l *Ledger) LastStart() heal.Stamp {
	if n := len(l.Starts); n > 0 {
		return l.Starts[n-1].At
	}
	return heal.Stamp{}
}

// StartsWithin counts the attempts inside a window, and the agents that they were made on.
func (l *Ledger) StartsWithin(now heal.Stamp, window time.Duration) (starts, agents int) {
	seen := map[string]bool{}
	for i := len(l.Starts) - 1; i >= 0 && now.Sub(l.Starts[i].At) < window; i-- {
		starts++
		seen[l.Starts[i].Agent] = true
	}
	return starts, len(seen)
}

// BucketWait is how long it takes until an attempt may be made, if at most so many are
// saved up and one more each time; zero when it may be made at once.
func (l *Ledger) BucketWait(now heal.Stamp, most int, every time.Duration) time.Duration {
	if most <= 0 || every <= 0 || len(l.Starts) < most {
		return 0
	}
	tokens, last := float64(most), l.Starts[0].At
	for _, s := range l.Starts {
		tokens = min(tokens+float64(s.At.Sub(last))/float64(every), float64(most)) - 1
		last = s.At
	}
	tokens = min(tokens+float64(now.Sub(last))/float64(every), float64(most))
	if tokens >= 1 {
		return 0
	}
	return time.Duration((1 - tokens) * float64(every))
}
