package engine

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"healer-sidecar/internal/heal"
)

const (
	// healthyFactor times healthy_after is how long a run must be well after a line for the line to be
	// one of a healthy run: two minutes by default.
	healthyFactor = 4
	// mostPrinted bounds the templates kept of a run, so that a flood teaches little.
	mostPrinted = 64
)

// printed are the lines of the present run that built-in rules call failures. Without a map, as of a run
// whose beginning was not seen, it keeps and teaches nothing.
type printed struct {
	run   string
	lines map[string]*printedLine
	// counted says that the run was counted as healthy.
	counted bool
}

// printedLine is a template of the run: when it was first printed, and whether it was learned.
type printedLine struct {
	at      heal.Stamp
	learned bool
}

// begin is the start of a run. Its first lines may have been read before.
func (p *printed) begin(run string) {
	if p.lines == nil || p.run != "" {
		*p = printed{lines: map[string]*printedLine{}}
	}
	p.run = run
}

// drop forgets what was not learned yet: it may belong to a failure.
func (p *printed) drop() {
	maps.DeleteFunc(p.lines, func(_ string, l *printedLine) bool { return !l.learned })
}

func hashOf(template string) string {
	h := fnv.New64a()
	h.Write([]byte(template))
	return fmt.Sprintf("%016x", h.Sum64())
}

// remember keeps the lines behind a signal until it shows whether the run is healthy. What a run prints
// during its own failure belongs to that.
func (c *Core) remember(a *agent, s heal.Signal) {
	if a.printed.lines == nil || a.running && a.inc != nil && a.inc.opened.Mono >= a.started.Mono {
		return
	}
	templates := s.Templates
	if s.Output != nil && a.running {
		for _, v := range s.Output.Votes {
			if v.Rule != "" && v.Template != "" && v.Weight < heal.OperatorWeight && v.Age <= c.now.Sub(a.started) {
				templates = append(slices.Clip(templates), v.Template)
			}
		}
	}
	for _, t := range templates {
		h := hashOf(t)
		if a.printed.lines[h] == nil && len(a.printed.lines) < mostPrinted {
			a.printed.lines[h] = &printedLine{at: c.now}
		}
	}
}

// learnHealthy merges what a run printed into the baseline of its class, once the run was well for long
// enough afterwards, or ended well.
func (c *Core) learnHealthy(a *agent, clean bool) {
	enough := healthyFactor * a.policy.HealthyAfter
	well := a.running && a.inc == nil && len(a.live) == 0
	if a.printed.lines == nil || !well || !clean && (c.now.Sub(a.started) < enough || c.now.Sub(a.well) < enough) {
		return
	}
	var hashes []string
	for h, line := range a.printed.lines {
		if !line.learned && (clean || c.now.Sub(line.at) >= enough) {
			line.learned, hashes = true, append(hashes, h)
		}
	}
	class := a.policy.ClassOf()
	known := c.ledger.Baselines[class] != nil
	if len(hashes) == 0 && (a.printed.counted || !known) {
		return
	}
	slices.Sort(hashes)
	a.printed.counted = true
	run := heal.HealthyRun{Class: class, Run: a.printed.run, Lines: hashes}
	c.emit(heal.Event{Kind: heal.EventBaseline, Agent: a.name, Healthy: &run}, false)
}

// usual says in how many healthy runs all of these lines were printed; empty unless that makes each
// of them normal for the agent.
func (c *Core) usual(a *agent, templates []string) string {
	class, text, least := a.policy.ClassOf(), "", 0
	for _, t := range templates {
		h := hashOf(t)
		if !c.ledger.Usual(class, h) {
			return ""
		}
		if seen, runs := c.ledger.Printed(class, h); text == "" || seen < least {
			text, least = fmt.Sprintf("printed in %d of %d healthy runs", seen, runs), seen
		}
	}
	return text
}

// marked is what the output says, with what is normal for the agent marked.
func (c *Core) marked(a *agent, o heal.TextEvidence) heal.TextEvidence {
	o.Votes = slices.Clone(o.Votes)
	for i := range o.Votes {
		v := &o.Votes[i]
		if v.Usual = ""; v.Rule != "" && v.Template != "" {
			v.Usual = c.usual(a, []string{v.Template})
		}
	}
	return o
}
