package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Measure is what stays in force of a remedy that helped.
type Measure struct {
	Strategy heal.Strategy `json:"strategy"`
	// Name is that of an alternative, Resource what is throttled in the running process
	// alone: that ends with it.
	Name     string        `json:"name,omitempty"`
	Resource heal.Resource `json:"resource,omitempty"`
	// Steps is how often it was applied, Since when the latest step was made or eased.
	Steps int        `json:"steps"`
	Since heal.Stamp `json:"since"`
	// Needed says that it had to be applied again soon after it was eased.
	Needed bool `json:"needed,omitempty"`
}

// soonAfter is within which time of easing a measure a new failure shows that it was
// needed.
const soonAfter = time.Hour

// lasting are the strategies that leave something in force.
var lasting = map[heal.Strategy]bool{heal.Reconfigure: true, heal.DegradeGracefully: true, heal.AlternativePath: true}

// Measure is the latest measure in force; false for none.
func (a *Agent) Measure() (Measure, bool) {
	if n := len(a.Measures); n > 0 {
		return a.Measures[n-1], true
	}
	return Measure{}, false
}

// helped notes what stays in force after a remedy that helped.
func (a *Agent) helped(at heal.Stamp, attempt heal.Attempt) {
	s := attempt.Strategy
	if !lasting[s] {
		return
	}
	m := Measure{Strategy: s, Since: at}
	if i := a.measure(s); i >= 0 {
		m = a.Measures[i]
		a.Measures = slices.Delete(a.Measures, i, i+1)
	}
	eased, ever := a.Eased[s]
	m.Name, m.Resource = attempt.Params.Name, attempt.Params.Resource
	m.Steps, m.Since, m.Needed = max(attempt.Params.Steps, 1), at, m.Needed || ever && at.Sub(eased) < soonAfter
	a.Measures = append(a.Measures, m)
}

// eased notes that a measure was taken back by a step, down to so many that are left.
func (a *Agent) eased(at heal.Stamp, s heal.Strategy, left int) {
	i := a.measure(s)
	if i < 0 {
		return
	}
	if a.Eased == nil {
		a.Eased = map[heal.Strategy]heal.Stamp{}
	}
	a.Eased[s] = at
	if left > 0 {
		a.Measures[i].Steps, a.Measures[i].Since = left, at
		return
	}
	a.Measures = slices.Delete(a.Measures, i, i+1)
}

// undone notes that what did not help was taken back, down to what was in force before.
func (a *Agent) undone(s heal.Strategy, p heal.Params) {
	i := a.measure(s)
	if i < 0 {
		return
	}
	if p.Steps > 0 {
		a.Measures[i].Steps, a.Measures[i].Name = p.Steps, p.Name
		return
	}
	a.Measures = slices.Delete(a.Measures, i, i+1)
}

func (a *Agent) measure(s heal.Strategy) int {
	return slices.IndexFunc(a.Measures, func(m Measure) bool { return m.Strategy == s })
}

// ran drops what was in force of a run that is over.
func (a *Agent) ran() {
	a.Measures = slices.DeleteFunc(a.Measures, func(m Measure) bool { return m.Resource != "" })
}

func (a *Agent) rebaseMeasures(now heal.Stamp) {
	for i := range a.Measures {
		a.Measures[i].Since = a.Measures[i].Since.Rebase(now)
	}
	for s, at := range a.Eased {
		a.Eased[s] = at.Rebase(now)
	}
	if !a.Prevented.IsZero() {
		a.Prevented = a.Prevented.Rebase(now)
	}
}

// Before is what of a strategy was in force before the attempt that is being made.
func (a *Agent) Before(s heal.Strategy) (steps int, name string) {
	if i := a.measure(s); i >= 0 {
		return a.Measures[i].Steps, a.Measures[i].Name
	}
	return 0, ""
}

// InForce is how many steps of each measure an agent is to be started with, and the
// alternative: what helped, and what is being tried.
func (a *Agent) InForce() (levels map[heal.Strategy]int, way string) {
	levels = map[heal.Strategy]int{}
	for _, m := range a.Measures {
		levels[m.Strategy] = m.Steps
		if m.Strategy == heal.AlternativePath {
			way = m.Name
		}
	}
	if a.Open == nil || a.Open.Attempt == nil || !lasting[a.Open.Attempt.Strategy] || a.Open.Attempt.Params.Resource != "" {
		return levels, way
	}
	tried := a.Open.Attempt
	levels[tried.Strategy] = tried.Params.Steps
	if tried.Strategy == heal.AlternativePath {
		way = tried.Params.Name
	}
	return levels, way
}
