package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Measure is what stays in force of a remedy that helped.
type Measure struct {
	Strategy heal.Strategy `json:"strategy"`
	// Steps is how often it was applied, Since when the latest step was made or eased.
	Steps int        `json:"steps"`
	Since heal.Stamp `json:"since"`
	// Needed says that it had to be applied again soon after it was eased.
	Needed bool `json:"needed,omitempty"`
}

// soonAfter is within which time of easing a measure a new failure shows that it was
// needed.
const soonAfter = time.Hour

// lasting are the strategies that leave something in force; with a process, the one that
// acts on the process alone ends.
var lasting = map[heal.Strategy]bool{heal.Reconfigure: true, heal.DegradeGracefully: true, heal.AlternativePath: true}

// Measure is the latest measure in force; false for none.
func (a *Agent) Measure() (Measure, bool) {
	if n := len(a.Measures); n > 0 {
		return a.Measures[n-1], true
	}
	return Measure{}, false
}

// helped notes what stays in force after a remedy that helped.
func (a *Agent) helped(at heal.Stamp, s heal.Strategy) {
	if !lasting[s] {
		return
	}
	m := Measure{Strategy: s, Since: at}
	if i := a.measure(s); i >= 0 {
		m = a.Measures[i]
		a.Measures = slices.Delete(a.Measures, i, i+1)
	}
	eased, ever := a.Eased[s]
	m.Steps, m.Since, m.Needed = m.Steps+1, at, m.Needed || ever && at.Sub(eased) < soonAfter
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

// undone drops a measure that was taken back because it did not help.
func (a *Agent) undone(s heal.Strategy) {
	a.Measures = slices.DeleteFunc(a.Measures, func(m Measure) bool { return m.Strategy == s })
}

func (a *Agent) measure(s heal.Strategy) int {
	return slices.IndexFunc(a.Measures, func(m Measure) bool { return m.Strategy == s })
}

// ran drops what was in force of a run that is over.
func (a *Agent) ran() {
	a.Measures = slices.DeleteFunc(a.Measures, func(m Measure) bool { return m.Strategy == heal.Reconfigure })
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
