package app

import (
	"context"
	"slices"
	"sync"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/engine"
)

// crew is everybody who is watched at the moment, in the order of the policy.
type crew struct {
	mu     sync.RWMutex // guards everything below
	agents []checked
	// index is where in agents one of a name is.
	index map[string]int
	eyes  map[string]*detect.Agent
}

func (c *crew) all() []checked {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.agents
}

func (c *crew) eye(agent string) *detect.Agent {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.eyes[agent]
}

// put sets who is watched; eyes of agents that are not named stay known until lost.
func (c *crew) put(agents []checked, eyes map[string]*detect.Agent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agents, c.index = agents, make(map[string]int, len(agents))
	for i, a := range agents {
		c.index[a.agent.Name] = i
	}
	if c.eyes == nil {
		c.eyes = map[string]*detect.Agent{}
	}
	for name, eye := range eyes {
		c.eyes[name] = eye
	}
}

// lose forgets the eye of an agent that is gone.
func (c *crew) lose(agent string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.eyes, agent)
}

// find returns what is known of an agent; false when nobody has that name.
func (c *crew) find(agent string) (checked, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	i, ok := c.index[agent]
	if !ok {
		return checked{}, false
	}
	return c.agents[i], true
}

func (c *crew) names() []string {
	var names []string
	for _, a := range c.all() {
		names = append(names, a.agent.Name)
	}
	return names
}

func (c *crew) policies() []config.Agent { return policiesOf(c.all()) }

func policiesOf(agents []checked) []config.Agent {
	all := make([]config.Agent, 0, len(agents))
	for _, a := range agents {
		all = append(all, a.agent)
	}
	return all
}

// watch tells the poller what has to be read.
func (c *crew) watch(p *detect.Poller) {
	var eyes []*detect.Agent
	var specs []detect.Spec
	for _, a := range c.all() {
		eyes, specs = append(eyes, c.eye(a.agent.Name)), append(specs, a.spec)
	}
	p.Watch(eyes, specs)
}

// askOutside asks from now on for these dependencies, and for no others.
func (s *sidecar) askOutside(all []config.Dependency) {
	s.stopAsking()
	ctx, cancel := context.WithCancel(s.thinking)
	s.stopAsking = cancel
	s.thought.Go(func() {
		detect.Dependencies(ctx, all, s.reaper, func(name, down string) {
			s.loop.Post(ctx, engine.DependencySeen{Name: name, Down: redact.Printable([]byte(down), maxReason)})
		})
	})
}

// maxReason bounds what is kept of why something outside is down.
const maxReason = 300

// newEye observes an agent; observe sets it going.
func (s *sidecar) newEye(a checked) *detect.Agent {
	return detect.NewAgent(a.spec, s.spawner.AgentDir(a.agent.Name), a.classifier, s.reaper, s.sink)
}

// startEye begins to observe, and to listen to, an agent. One that cannot be heard is
// observed all the same.
func (s *sidecar) startEye(agent string, eye *detect.Agent) {
	eye.Watch(s.watcher) // its folder is there by now; a missing one would be noticed up to a second late
	heard, end := context.WithCancel(s.living)
	if s.output != nil {
		s.output.show(heard, agent, s.spawner.AgentDir(agent), s.watcher)
	}
	s.life.Go(func() {
		defer end()
		eye.Run(s.living)
	})
	box, err := inbox.Listen(s.spawner.AgentDir(agent))
	if err != nil {
		s.log.Warn("the agent will not be heard", "agent", agent, "cause", err)
		return
	}
	if a, _ := s.crew.find(agent); len(a.agent.Credentials)+len(a.agent.EnvFiles) > 0 {
		s.life.Go(func() {
			detect.Credentials(heard, slices.Concat(a.agent.Credentials, a.agent.EnvFiles), s.watcher, func() { s.loop.Post(heard, engine.Renewed{Agent: agent}) })
		})
	}
	s.life.Go(func() { box.Run(heard, func(r inbox.Report) { eye.Said(heard, r) }) })
}
