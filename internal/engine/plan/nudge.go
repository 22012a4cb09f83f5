package plan

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// nudge names the input that a living agent can be helped with instead of being started again; empty for
// none. It is carried out as a retry: the turn is tried again, and nothing is milder.
func (in Input) nudge() string {
	if !in.Running || in.Diag.Situation == "" || in.TextOnly {
		return ""
	}
	i := slices.IndexFunc(in.Policy.Nudges, func(n heal.Nudge) bool { return slices.Contains(n.On, in.Diag.Situation) })
	if i < 0 {
		return ""
	}
	return in.Policy.Nudges[i].Name
}

// ladder is what may be tried, and whether the operator gave it in this order. A declared nudge belongs to it.
func (in Input) ladder() ([]heal.Strategy, bool) {
	ladder, given := in.Policy.Ladder(in.Diag.Treated(), in.Diag.Cause)
	if in.nudge() != "" && !slices.Contains(ladder, heal.Retry) {
		ladder = slices.Concat([]heal.Strategy{heal.Retry}, ladder)
	}
	return ladder, given
}
