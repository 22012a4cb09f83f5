package engine

import (
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/engine/cascade"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

const (
	// sureRoot is from when on a failure is taken to come from another; heldFor is how long
	// that one is then waited for, heldCritical if this one is critical, wrongRoot how long
	// when it does not get better (ENGINE.md 2.12).
	sureRoot                         = 0.6
	heldFor, heldCritical, wrongRoot = 2 * time.Minute, time.Minute, 30 * time.Second
	// leastName is how long a name must be to be looked for in messages.
	leastName = 3
)

// origin is the failure that an agent's failure comes from, and until when that one is
// waited for; the zero Root for none.
func (c *Core) origin(a *agent) (cascade.Root, heal.Stamp) {
	none := heal.Stamp{}
	ups := c.above(a)
	if !slices.ContainsFunc(ups, c.fails) {
		return cascade.Root{}, none
	}
	around := c.around(a, ups)
	g := c.graph(a, around)
	var alerts []cascade.Alert
	for _, n := range around {
		if at, fails := c.alerting(n); fails {
			alerts = append(alerts, cascade.Alert{Node: n, At: at, Blames: c.blames(n, around)})
		}
	}
	if len(alerts) < 2 {
		return cascade.Root{}, none
	}
	root := cascade.Find(around, g, alerts)
	switch b := c.outside[root.Node]; {
	case root.Node == a.name || root.Sure < sureRoot:
	case b != nil && b.State == cascade.Open:
		return root, none // as long as it is down
	case b == nil:
		if until, mends := c.mends(c.agents[root.Node], a); mends {
			return root, until
		}
	}
	return cascade.Root{}, none
}

// mends reports whether a root is being healed, and until when that is waited for.
func (c *Core) mends(root, a *agent) (heal.Stamp, bool) {
	if root == nil || root.inc == nil || root.ready && !a.running {
		return heal.Stamp{}, false // one that is down may be run again as soon as the root can be used
	}
	switch root.inc.phase {
	case held, gaveUp, slow, blocked, watching, asking:
		return heal.Stamp{}, false
	}
	long := heldFor
	if a.policy.Critical {
		long = heldCritical
	}
	until := a.inc.opened.Add(long)
	if root.inc.number > 1 { // the first remedy did not help
		until = until.Earlier(a.inc.opened.Add(wrongRoot))
	}
	return until, c.now.Mono < until.Mono
}

// alerting says since when a node fails.
func (c *Core) alerting(name string) (time.Duration, bool) {
	if b := c.outside[name]; b != nil {
		return b.Since, b.State == cascade.Open
	}
	if a := c.agents[name]; a != nil && a.inc != nil && !a.inc.preventive {
		return a.inc.opened.Mono, true
	}
	return 0, false
}

// blames are the nodes whose names stand in what an agent's failure says.
func (c *Core) blames(name string, nodes []string) []string {
	a := c.agents[name]
	if a == nil || a.inc == nil || a.inc.diag == nil {
		return nil
	}
	var all []string
	for _, n := range nodes {
		if n != name && len(n) >= leastName && strings.Contains(a.inc.diag.Template, strings.ToLower(n)) {
			all = append(all, n)
		}
	}
	return all
}

func (c *Core) fails(name string) bool {
	_, fails := c.alerting(name)
	return fails
}

const (
	// maxAbove and maxAround bound how many nodes are looked at for one failure; with many
	// alike, some of them tell as much as all.
	maxAbove, maxAround = 20, 40
	// maxLearned bounds among how many others a learned need is looked for.
	maxLearned = 16
	// maxTimes bounds how many failures of each are compared for that.
	maxTimes = 64
)

// above is what an agent needs, at any distance: what is declared, and what it was so often
// seen to fail after. What is learned is never used to touch more than without it.
func (c *Core) above(a *agent) []string {
	var ups []string
	add := func(names []string) {
		for _, n := range names {
			if n != a.name && len(ups) < maxAbove && !slices.Contains(ups, n) {
				ups = append(ups, n)
			}
		}
	}
	add(a.policy.DependsOn)
	a.learned = c.learnedNeeds(a)
	add(a.learned)
	for i := 0; i < len(ups); i++ {
		if up := c.agents[ups[i]]; up != nil {
			add(up.policy.DependsOn)
		}
	}
	return ups
}

// around is an agent with what it needs, and others that need any of that.
func (c *Core) around(a *agent, ups []string) []string {
	all := append([]string{a.name}, ups...)
	for i := 1; i < len(all) && len(all) < maxAround; i++ {
		for _, n := range c.needed[all[i]] {
			if len(all) < maxAround && !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// graph is who needs whom among these nodes.
func (c *Core) graph(a *agent, nodes []string) cascade.Graph {
	g := cascade.Graph{}
	for _, name := range nodes {
		g[name] = map[string]float64{}
		if one := c.agents[name]; one != nil {
			for _, need := range one.policy.DependsOn {
				g[name][need] = 1
			}
		}
	}
	for _, need := range a.learned {
		if _, declared := g[a.name][need]; !declared {
			g[a.name][need] = cascade.LearnedHops
		}
	}
	return g
}

// learnedNeeds are agents that fail now and after which this one was often seen to fail.
func (c *Core) learnedNeeds(a *agent) []string {
	own := c.ledger.Agent(a.name).Failures
	if len(c.recent.queue) < 2 || len(own) < cascade.LeastPairs {
		return nil
	}
	var needs []string
	for _, f := range c.recent.queue[max(len(c.recent.queue)-maxLearned, 0):] {
		other := c.agents[f.agent]
		if f.agent == a.name || other == nil || other.inc == nil || slices.Contains(needs, f.agent) {
			continue
		}
		if cascade.Follows(times(c.ledger.Agent(f.agent).Failures), times(own)) {
			needs = append(needs, f.agent)
		}
	}
	return needs
}

// times are those of the latest failures.
func times(failures []ledger.Failure) []time.Duration {
	failures = failures[max(len(failures)-maxTimes, 0):]
	all := make([]time.Duration, len(failures))
	for i, f := range failures {
		all[i] = f.At.Mono
	}
	return all
}

// freed lets those go on, one by one, that were held because of a failure that is over.
func (c *Core) freed(root string) {
	var list []*agent
	for _, name := range c.order {
		if a := c.agents[name]; a.inc != nil && a.inc.phase == blocked && a.inc.root == root {
			list = append(list, a)
		}
	}
	c.goOn(list)
}
