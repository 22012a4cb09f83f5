package gate

import "healer-sidecar/internal/heal"

// storm: many agents fail together. The first remedy for each is tried as the other rules allow; what
// is tried after that is spread out: they may all need the same thing.
func storm(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Storm == "" || f.Free || mild(f.Strategy) || f.Strategy == heal.DegradeGracefully || f.Number == 0 {
		return allow()
	}
	if f.Now.Mono >= f.StormTurn.Mono {
		return allow()
	}
	return wait("storm: "+f.Storm+"; attempts are spread out", f.StormTurn)
}
