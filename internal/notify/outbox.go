package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host"
)

const (
	// maxWaiting bounds how many notices wait, maxAge how long one does.
	maxWaiting, maxAge = 200, 24 * time.Hour
	// firstRetry is when one is tried again, each time later by half as much again and a
	// random part, up to lastRetry.
	firstRetry, lastRetry = 2 * time.Second, 5 * time.Minute
	// lookEvery is how often the queue is looked at.
	lookEvery = time.Second
)

// Outbox delivers notices, and keeps on the disk what could not be delivered. It is safe for
// concurrent use.
type Outbox struct {
	// Dir holds one file for each notice that waits.
	Dir    string
	Reaper *host.Reaper
	Log    hclog.Logger
	// Ways are the declared ways to reach people.
	Ways func() []config.Notify

	mu sync.Mutex // guards number
	// number tells notices of one moment apart.
	number int
}

// waiting is a notice on the disk.
type waiting struct {
	Way    string    `json:"way"`
	Notice Notice    `json:"notice"`
	Tries  int       `json:"tries"`
	Next   time.Time `json:"next"`
}

// Tell delivers a notice every declared way, and says which. What could not be delivered is
// kept and tried again.
func (o *Outbox) Tell(ctx context.Context, n Notice) (done []string, err error) {
	ways := o.Ways()
	said := make([]string, len(ways))
	failed := make([]error, len(ways))
	var all sync.WaitGroup
	for i, way := range ways {
		all.Go(func() { said[i], failed[i] = o.tell(ctx, way, n) })
	}
	all.Wait()
	return said, errors.Join(failed...)
}

func (o *Outbox) tell(ctx context.Context, way config.Notify, n Notice) (string, error) {
	err := send(ctx, o.Reaper, way, n)
	if err == nil {
		return "told " + way.Name, nil
	}
	o.Log.Warn("a notice waits", "way", way.Name, "cause", err)
	kept := o.keep(waiting{Way: way.Name, Notice: n, Tries: 1, Next: time.Now().Add(retryAfter(1))})
	if kept != nil {
		return "", fmt.Errorf("cannot notify %s: %w, and it cannot wait: %w", way.Name, err, kept)
	}
	return way.Name + " will be told as soon as it can be reached", nil
}

// keep writes a notice down. When too many wait, the oldest goes.
func (o *Outbox) keep(w waiting) error {
	if err := host.PrivateDir(o.Dir); err != nil {
		return err
	}
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("cannot encode notice: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	names := o.names()
	for len(names) >= maxWaiting {
		o.Log.Warn("a notice was dropped: too many wait", "file", names[0])
		_ = os.Remove(filepath.Join(o.Dir, names[0]))
		names = names[1:]
	}
	o.number++
	return host.Replace(filepath.Join(o.Dir, fmt.Sprintf("%d-%06d.json", w.Notice.At.UnixNano(), o.number)), text)
}

// names are the files of the notices that wait, the oldest first.
func (o *Outbox) names() []string {
	entries, _ := os.ReadDir(o.Dir)
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

// Run tries again what waits, until the context ends.
func (o *Outbox) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, name := range o.names() {
				o.again(ctx, filepath.Join(o.Dir, name))
			}
		case <-ctx.Done():
			return
		}
	}
}

// again tries one that is due.
func (o *Outbox) again(ctx context.Context, path string) {
	var w waiting
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	i := slices.IndexFunc(o.Ways(), func(way config.Notify) bool { return way.Name == w.Way })
	switch {
	case err != nil || i < 0 || time.Since(w.Notice.At) > maxAge:
		o.Log.Warn("a notice was dropped: it cannot be delivered any more", "way", w.Way, "cause", err)
		_ = os.Remove(path)
		return
	case time.Now().Before(w.Next):
		return
	}
	if send(ctx, o.Reaper, o.Ways()[i], w.Notice) == nil {
		_ = os.Remove(path)
		return
	}
	w.Tries++
	w.Next = time.Now().Add(retryAfter(w.Tries))
	if text, err := json.Marshal(w); err == nil {
		_ = host.Replace(path, text)
	}
}

// retryAfter is the wait before the next try.
func retryAfter(tries int) time.Duration {
	d := firstRetry
	for range tries - 1 {
		d = min(d*3/2, lastRetry)
	}
	return d/2 + rand.N(d)
}
