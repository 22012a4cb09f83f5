package plan

import "healer-sidecar/internal/heal"

// onlyTime are causes that nothing mends but time.
var onlyTime = map[heal.Cause]bool{heal.RateLimit: true, heal.Overload: true, heal.Quota: true, heal.Outage: true}

// outage reports that an agent is down because of something that nothing but time mends, and
// that the operator wants to outlast that.
func (in Input) outage() bool {
	return in.Policy.GiveUpAfter > 0 && !in.Running && onlyTime[in.Diag.Cause]
}

// Patient reports that an outage may last longer: it is tried again with growing delays, as
// often as there is time for, and that costs no budget, because it is no gamble.
func (in Input) Patient() bool { return in.outage() && in.Elapsed < in.Policy.GiveUpAfter }

// mostTries is how often one incident may use a strategy.
func (in Input) mostTries(s heal.Strategy) (n int, bounded bool) {
	return in.Policy.TriesOf(s), s != heal.WaitAndRetry || !in.Patient()
}

// hopelessInOutage says why a strategy is not used in an outage; empty for no reason.
func (in Input) hopelessInOutage(s heal.Strategy) string {
	switch {
	case !in.outage():
	case s == heal.Restart:
		return "only time mends it: the agent is down and starts again after a wait"
	case s == heal.Retry && in.Diag.Cause != heal.Outage:
		return "to try again at once makes a limit last longer"
	}
	return ""
}
