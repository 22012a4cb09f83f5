package daemon

import (
	"context"

	"healer-sidecar/internal/heal"
)

// Snapshots are the good generations of an agent, the latest first.
func (s *sidecar) Snapshots(_ context.Context, agent string, changes bool) ([]heal.Generation, error) {
	if err := s.known(agent); err != nil {
		return nil, err
	}
	a, _ := s.policyOf(agent)
	all := []heal.Generation{}
	for _, snap := range a.Snapshots {
		for _, m := range s.runner.Store.List(agent, snap.Name) {
			g := heal.Generation{Snapshot: snap.Name, Number: m.Number, Taken: m.Taken, Skipped: m.Skipped}
			g.Files, g.Bytes = m.Files()
			if changes {
				g.Changes = m.Changes()
			}
			all = append(all, g)
		}
	}
	return all, nil
}
