package plan

import (
	"testing"
	"time"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

// TestAnOutageIsOutlasted: what only time mends is tried again until give_up_after is over,
// whatever number of tries and whatever budget was spent, and with growing delays. What time
// does not mend ends after its tries.
func TestAnOutageIsOutlasted(t *testing.T) {
	for name, c := range map[string]struct {
		typ      heal.ErrorType
		cause    heal.Cause
		outlasts bool
	}{
		"rate limit": {heal.DependencyFailure, heal.RateLimit, true},
		"overload":   {heal.DependencyFailure, heal.Overload, true},
		"quota":      {heal.ResourceExhaustion, heal.Quota, true},
		"dead":       {heal.CommunicationError, heal.Outage, true},
		"no module":  {heal.DependencyFailure, "", false},
		"crash":      {heal.ExecutionFailure, "", false},
	} {
		in := Input{
			Incident: "inc-1", Now: heal.Stamp{Mono: time.Hour}, Policy: heal.DefaultPolicy("a"), Book: &learn.Book{},
			Diag: heal.Diagnosis{Type: c.typ, Cause: c.cause, Fingerprint: "f"}, Tried: map[heal.Strategy]int{},
		}
		in.Book.Prepare()
		in.Policy.GiveUpAfter = 30 * time.Minute
		var last time.Duration
		for in.Number = 0; ; in.Number++ {
			p, _ := Make(in)
			if p.Strategy == heal.Escalate || p.Strategy == "" {
				break
			}
			if c.outlasts && p.Delay < last*8/10 {
				t.Errorf("%s: after %s it waits %s, before that it was %s", name, in.Elapsed, p.Delay, last)
			}
			if !Free(in, p.Strategy) {
				in.Attempts = append(in.Attempts, in.Now)
			}
			last, in.Elapsed, in.Now = p.Delay, in.Elapsed+p.Delay+time.Second, in.Now.Add(p.Delay+time.Second)
			in.Tried[p.Strategy]++
			in.Score++
		}
		if outlasted := in.Elapsed >= in.Policy.GiveUpAfter; outlasted != c.outlasts {
			t.Errorf("%s: it was given up after %s and %d attempts", name, in.Elapsed, in.Number)
		}
		if in.Number > 20 {
			t.Errorf("%s: %d attempts in %s", name, in.Number, in.Elapsed)
		}
	}
}
