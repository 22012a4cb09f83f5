package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/snapshot"
)

// keep takes a good generation of everything that an agent declares.
func keep(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	var said []string
	for _, s := range agent.Snapshots {
		if ctx.Err() != nil {
			return said, ctx.Err()
		}
		m, kept, err := r.Store.Take(a.Agent, s, time.Now())
		if err != nil {
			return said, err
		}
		if files, size := m.Files(); kept {
			said = append(said, fmt.Sprintf("generation %d of %s: %d files, %d bytes, %d left out", m.Number, s.Name, files, size, len(m.Skipped)+m.More))
		}
	}
	return said, nil
}

// generations is how many generations can be put back.
func (r *Runner) generations(agent string) int {
	a, err := r.agent(agent)
	if err != nil {
		return 0
	}
	n := 0
	for _, s := range a.Snapshots {
		n = max(n, len(r.Store.List(agent, s.Name)))
	}
	return n
}

// rollback stops the agent, puts the last good generation back and starts it.
func rollback(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	if _, err := stop(ctx, r, a); err != nil {
		return nil, err
	}
	var said []string
	for _, s := range agent.Snapshots {
		what, err := r.putBack(a, s)
		if err != nil {
			return said, err
		}
		if what != "" {
			said = append(said, what)
		}
	}
	if len(said) == 0 {
		return nil, errors.New("cannot roll back: no good generation was kept")
	}
	_, err = start(ctx, r, a)
	return said, err
}

func (r *Runner) putBack(a heal.Attempt, s config.Snapshot) (string, error) {
	all := r.Store.List(a.Agent, s.Name)
	if len(all) == 0 {
		return "", nil
	}
	m := all[min(a.Params.Back, len(all)-1)]
	if wanted := a.Params.Generation; wanted > 0 {
		i := slices.IndexFunc(all, func(m snapshot.Manifest) bool { return m.Number == wanted })
		if i < 0 {
			return "", fmt.Errorf("cannot find generation %d of %s", wanted, s.Name)
		}
		m = all[i]
	}
	if err := r.Store.Restore(a.Agent, s.Name, m.Number); err != nil {
		return "", err
	}
	return fmt.Sprintf("generation %d of %s, of %s, was put back; what was there is kept beside it", m.Number, s.Name, m.Taken.Format(time.DateTime)), nil
}

// swapBack puts back what a rollback has replaced, because it did not help.
func swapBack(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	if _, err := stop(ctx, r, a); err != nil {
		return nil, err
	}
	for _, s := range agent.Snapshots {
		if err := r.Store.Undo(a.Agent, s.Paths); err != nil {
			return nil, err
		}
	}
	return []string{"what was there before the rollback was put back"}, nil
}
