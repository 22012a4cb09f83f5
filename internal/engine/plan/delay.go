package plan

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"healer-sidecar/internal/heal"
)

// jitter is the most by which a delay is stretched or shortened, so that agents
// that failed together do not come back together.
const jitter = 0.1

// delay is how long to wait before the strategy acts.
func (in Input) delay(o heal.Option) time.Duration {
	seed := in.Incident + "/" + strconv.Itoa(in.Number)
	switch o.Strategy {
	case heal.Retry, heal.Restart:
		if in.Running || in.Answered {
			return 0 // one that is up and unwell, or what it needed is there: a person would not wait either
		}
		return Backoff(in.Policy.Backoff, in.Score, seed)
	case heal.WaitAndRetry:
		if in.Diag.Wait > 0 && o.Wait == in.Diag.Wait {
			return o.Wait
		}
		if in.Answered {
			return 0 // what it waited for is there
		}
		return max(o.Wait, Backoff(in.Policy.Backoff, in.Score, seed))
	}
	return 0
}

// Backoff is the growing delay before a start: none for an agent that was
// stable, then Base x Factor^(n-1) with n the rounded failure memory, at most
// Max, with up to a tenth of jitter either way drawn from the seed.
func Backoff(b heal.Backoff, score float64, seed string) time.Duration {
	n := math.Round(score)
	if n < 1 || b.Base <= 0 {
		return 0
	}
	d := float64(b.Base) * math.Pow(max(b.Factor, 1), n-1)
	d = min(d, float64(max(b.Max, b.Base)))
	return time.Duration(d * Jitter(seed))
}

// Jitter is a factor around one, drawn from a seed.
func Jitter(seed string) float64 { return 1 + jitter*(2*uniform(seed)-1) }

// uniform maps a seed to [0,1); the same seed gives the same number on replay.
func uniform(seed string) float64 {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return float64(h.Sum64()>>11) / (1 << 53)
}
