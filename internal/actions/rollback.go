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
		m, kept, err := r.keepOne(a, s)
		if err != nil {
			return said, err
		}
		if files, size := m.Files(); kept {
			said = append(said, fmt.Sprintf("generation %d of %s: %d files, %d bytes, %d left out", m.Number, s.Name, files, size, len(m.Skipped)+m.More))
		}
	}
	return said, nil
}

// keepOne keeps what is proven good, or for a person what is there.
func (r *Runner) keepOne(a heal.Attempt, s config.Snapshot) (snapshot.Manifest, bool, error) {
	if a.Params.WellSince.IsZero() {
		return r.Store.Take(a.Agent, s, time.Now())
	}
	return r.Store.Prove(a.Agent, s, time.Now(), a.Params.WellSince)
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

// rollback stops the agent, puts the last good generations back and starts it. They are
// staged before: without the space for them, say, the agent is left as it is.
func rollback(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	chosen, said, err := r.choose(agent, a.Params)
	if err != nil {
		return nil, err
	}
	staged, err := r.Store.Stage(a.Agent, chosen)
	if err != nil {
		return nil, err
	}
	if _, err := stop(ctx, r, a); err != nil {
		staged.Discard()
		return nil, err
	}
	if err := staged.CarryOut(); err != nil {
		return nil, err
	}
	_, err = start(ctx, r, a)
	return said, err
}

// choose finds the generations to put back, and says which they are.
func (r *Runner) choose(agent config.Agent, p heal.Params) (chosen []snapshot.Choice, said []string, err error) {
	for _, s := range agent.Snapshots {
		all := r.Store.List(agent.Name, s.Name)
		if len(all) == 0 {
			continue
		}
		m := all[min(p.Back, len(all)-1)]
		if wanted := p.Generation; wanted > 0 {
			i := slices.IndexFunc(all, func(m snapshot.Manifest) bool { return m.Number == wanted })
			if i < 0 {
				return nil, nil, fmt.Errorf("cannot find generation %d of %s", wanted, s.Name)
			}
			m = all[i]
		}
		chosen = append(chosen, snapshot.Choice{Snapshot: s.Name, Number: m.Number})
		said = append(said, fmt.Sprintf("generation %d of %s, of %s, was put back; what was there is kept beside it", m.Number, s.Name, m.Taken.Format(time.DateTime)))
	}
	if len(chosen) == 0 {
		return nil, nil, errors.New("cannot roll back: no good generation was kept")
	}
	return chosen, said, nil
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
