package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
)

// hostFile holds the name under which this host's counts travel.
const hostFile = "host_id"

// hostID is a random name that stays with the state directory.
func hostID(dir string) (string, error) {
	path := filepath.Join(dir, hostFile)
	b, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(b)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("cannot read host id: %w", err)
	}
	id := strings.ToLower(rand.Text()[:16])
	return id, fsys.Replace(path, []byte(id+"\n"))
}

// Knowledge is what may be told to other hosts.
func (s *sidecar) Knowledge(ctx context.Context, templates bool) (k heal.Knowledge, err error) {
	id, err := hostID(s.state.dir)
	if err != nil {
		return k, err
	}
	if !s.loop.Ask(ctx, func(c *engine.Core) { k = c.Ledger().Learned.Export(id, templates) }) {
		err = errEnding
	}
	return k, err
}

// Hear takes in what another host tells: all of it, or nothing when any of it cannot be
// believed. Its own words come back to nobody.
func (s *sidecar) Hear(ctx context.Context, k heal.Knowledge) (taken int, err error) {
	if k.Version != heal.KnowledgeVersion {
		return 0, fmt.Errorf("cannot import: version %d is not known; this is version %d", k.Version, heal.KnowledgeVersion)
	}
	id, err := hostID(s.state.dir)
	if err != nil {
		return 0, err
	}
	var told []heal.Shared
	for _, p := range k.Patterns {
		if err := learn.CheckShared(p); err != nil {
			return 0, fmt.Errorf("cannot import: %w", err)
		}
		if p.Origin != id {
			told = append(told, p)
		}
	}
	return len(told), s.posted(ctx, engine.Imported{Told: told})
}
