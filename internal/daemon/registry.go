package daemon

import (
	"context"
	"slices"
	"sync"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/engine"
)

// registry is everybody who is watched at the moment, in the order of the policy.
type registry struct {
	mu     sync.RWMutex // guards everything below
	agents []compile.Agent
	// index is where in agents one of a name is.
	index map[string]int
	eyes  map[string]*detect.Agent
}

func (c *registry) all() []compile.Agent {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.agents
}

func (c *registry) observer(agent string) *detect.Agent {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.eyes[agent]
}

// put sets who is watched; eyes of agents that are not named stay known until lost.
func (c *registry) put(agents []compile.Agent, eyes map[string]*detect.Agent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agents, c.index = agents, make(map[string]int, len(agents))
	for i, a := range agents {
		c.index[a.Agent.Name] = i
	}
	if c.eyes == nil {
		c.eyes = map[string]*detect.Agent{}
	}
	for name, eye := range eyes {
		c.eyes[name] = eye
	}
}

// lose forgets the eye of an agent that is gone.
func (c *registry) lose(agent string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.eyes, agent)
}

// find returns what is known of an agent; false when nobody has that name.
func (c *registry) find(agent string) (compile.Agent, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	i, ok := c.index[agent]
	if !ok {
		return compile.Agent{}, false
	}
	return c.agents[i], true
}

func (c *registry) names() []string {
	var names []string
	for _, a := range c.all() {
		names = append(names, a.Agent.Name)
	}
	return names
}

func (c *registry) policies() []config.Agent { return policiesOf(c.all()) }

func policiesOf(agents []compile.Agent) []config.Agent {
	all := make([]config.Agent, 0, len(agents))
	for _, a := range agents {
		all = append(all, a.Agent)
	}
	return all
}

// watch tells the poller what has to be read.
func (c *registry) watch(p *detect.Poller) {
	var eyes []*detect.Agent
	var specs []detect.Spec
	for _, a := range c.all() {
		eyes, specs = append(eyes, c.observer(a.Agent.Name)), append(specs, a.Spec)
	}
	p.Watch(eyes, specs)
}

// askOutside asks from now on for these dependencies, and for no others.
func (s *sidecar) askOutside(all []config.Dependency) {
	s.stopAsking()
	ctx, cancel := context.WithCancel(s.engineCtx)
	s.stopAsking = cancel
	s.engineGroup.Go(func() {
		detect.Dependencies(ctx, all, s.reaper, func(name, down string) {
			s.loop.Post(ctx, engine.DependencySeen{Name: name, Down: redact.Printable([]byte(down), maxReason)})
		})
	})
}

// maxReason bounds what is kept of why something outside is down.
const maxReason = 300

// newObserver observes an agent; observe sets it going.
func (s *sidecar) newObserver(a compile.Agent) *detect.Agent {
	return detect.NewAgent(a.Spec, s.spawner.AgentDir(a.Agent.Name), a.Classifier, s.reaper, s.sink)
}

// startObserver begins to observe, and to listen to, an agent. One that cannot be heard is
// observed all the same.
func (s *sidecar) startObserver(agent string, eye *detect.Agent) {
	eye.Watch(s.watcher) // its folder is there by now; a missing one would be noticed up to a second late
	heard, end := context.WithCancel(s.rootCtx)
	if s.output != nil {
		s.output.show(heard, agent, s.spawner.AgentDir(agent), s.watcher)
	}
	s.rootGroup.Go(func() {
		defer end()
		eye.Run(s.rootCtx)
	})
	box, err := inbox.Listen(s.spawner.AgentDir(agent))
	if err != nil {
		s.log.Warn("the agent will not be heard", "agent", agent, "cause", err)
		return
	}
	if a, _ := s.registry.find(agent); len(a.Agent.Credentials)+len(a.Agent.EnvFiles) > 0 {
		s.rootGroup.Go(func() {
			detect.Credentials(heard, slices.Concat(a.Agent.Credentials, a.Agent.EnvFiles), s.watcher, func() { s.loop.Post(heard, engine.CredentialsChanged{Agent: agent}) })
		})
	}
	s.rootGroup.Go(func() { box.Run(heard, func(r inbox.Report) { eye.Said(heard, r) }) })
}
