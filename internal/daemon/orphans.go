package daemon

import (
	"context"
	"errors"
	"fmt"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
)

// findOrphans looks for living runs of agents that the policy does not name, and tells of new ones.
func (s *sidecar) findOrphans() {
	known := map[string]bool{}
	for _, o := range s.orphans() {
		known[o.ID] = true
	}
	var found []procfs.MarkedRun
	for _, r := range s.spawner.Living() {
		if _, ours := s.registry.find(r.Agent); ours {
			continue
		}
		found = append(found, r)
		if known[r.ID] {
			continue
		}
		s.log.Warn("an agent that the policy does not name runs on", "agent", r.Agent, "processes", r.PIDs,
			"hint", fmt.Sprintf("name it in the policy again and reload to adopt it, or healer-sidecar stop %s", r.Agent))
		s.noted("", fmt.Sprintf("orphan: %s runs on as process %v, and the policy does not name it: name it again and reload to adopt it, or stop %s", r.Agent, r.PIDs, r.Agent))
	}
	s.orphaned.Store(&found)
}

// orphans are those that still live.
func (s *sidecar) orphans() (all []procfs.MarkedRun) {
	found := s.orphaned.Load()
	if found == nil {
		return nil
	}
	for _, r := range *found {
		if _, named := s.registry.find(r.Agent); named {
			continue // it was adopted
		}
		for _, pid := range r.PIDs {
			if procfs.Alive(pid) {
				all = append(all, r)
				break
			}
		}
	}
	return all
}

// orphanStatus is what the status says of them.
func (s *sidecar) orphanStatus() (all []heal.Orphan) {
	for _, r := range s.orphans() {
		all = append(all, heal.Orphan{Agent: r.Agent, Run: r.ID, PIDs: r.PIDs})
	}
	return all
}

// stopOrphan ends the runs of an agent that the policy does not name; false when there is none.
func (s *sidecar) stopOrphan(ctx context.Context, agent string) (bool, error) {
	var err error
	there := false
	for _, r := range s.orphans() {
		if r.Agent != agent {
			continue
		}
		there = true
		failed := s.spawner.End(ctx, r)
		err = errors.Join(err, failed)
		if failed == nil {
			s.noted("", fmt.Sprintf("orphan_ended: %s, process %v, was ended because a person ordered it", agent, r.PIDs))
		}
	}
	return there, err
}
