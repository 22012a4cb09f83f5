package classify

import (
	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
)

const (
	// leastCause is what a cause must weigh for its wrapper to yield to it, factorWrapper what the
	// wrapper then weighs beside it: less than agreement among wrappers can make up for.
	leastCause, factorWrapper = 0.4, 0.6
	// apartLines are how many lines that tell of nothing part two reports.
	apartLines = calmLines
)

// reportVotes follows which votes belong to the same report of a failure: lines that follow one
// another, with frames and some lines of other things between them. How a program ended ("core
// dumped") or who reports it ("npm ERR!") then yields to why, wherever in the report that is.
type reportVotes struct {
	// cause is the heaviest vote of each report that names a cause, wrappers are the others.
	cause    []float64
	wrappers []wrapper
	calm     int
}

// wrapper is a vote of a wrapper, and the report that it belongs to.
type wrapper struct{ vote, report int }

// line counts the lines between reports: frames and what tells of a failure belong to one.
func (p *reportVotes) line(role role, belongs bool) {
	switch {
	case len(p.cause) == 0, p.calm >= apartLines && belongs:
		p.cause, p.calm = append(p.cause, 0), 0
	case belongs || role != alone:
		p.calm = 0
	default:
		p.calm++
	}
}

// add puts a vote into the present report. Frames name functions, which are no causes.
func (p *reportVotes) add(rule *rules.Rule, role role, weight float64, vote int) {
	last := len(p.cause) - 1
	switch {
	case rule.Operator, rule.Type == heal.Unknown:
	case rule.Wrapper || rule.Vague:
		p.wrappers = append(p.wrappers, wrapper{vote, last})
	case rule.Type == heal.ExecutionFailure: // it agrees with the wrapper
	case role != frame:
		p.cause[last] = max(p.cause[last], weight)
	}
}

// yield lets wrappers of a dead run weigh less than the cause that their report names, which then
// leads. What a living program prints may be several things at once, none of which ended it.
func (r *reading) yield(lines []string) {
	if !r.dead {
		return
	}
	for _, w := range r.reports.wrappers {
		if cause := r.reports.cause[w.report]; cause >= leastCause {
			v := &r.votes[w.vote]
			v.Weight = min(v.Weight, cause*factorWrapper)
		}
	}
	r.lead, r.rule, r.weight = "", "", 0
	for i, v := range r.votes {
		if v.Weight > r.weight {
			r.lead, r.rule, r.weight = lines[r.places[i]], v.Rule, v.Weight
		}
	}
}
