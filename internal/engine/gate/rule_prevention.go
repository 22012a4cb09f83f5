package gate

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// preventedEvery is the least time between two preventive attempts on an agent.
const preventedEvery = time.Hour

// prevention: what has not failed yet is touched only with the operator's consent, at a
// point at which it costs little, and seldom.
func prevention(f Facts) (heal.Decision, string, heal.Stamp) {
	p := f.Policy.Prevent
	switch {
	case !f.Preventive:
		return allow()
	case !slices.Contains(p.Strategies, f.Strategy):
		return deny(fmt.Sprintf("the policy does not allow %s before anything has failed", f.Strategy))
	case f.Critical && !f.Policy.Critical:
		return deny("what it does now is critical, and nothing has failed yet")
	case !f.Prevented.IsZero() && f.Now.Sub(f.Prevented) < preventedEvery:
		return deny("a preventive attempt was made less than an hour ago")
	case f.SafePoint || f.Now.Mono >= f.SafeUntil.Mono:
		return allow()
	}
	for _, w := range p.At {
		if _, inside := w.Until(f.Now.Wall); inside {
			return allow()
		}
	}
	return wait("for a point at which it costs little", f.SafeUntil)
}
