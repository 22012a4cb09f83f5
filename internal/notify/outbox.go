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
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/procs"
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
	Reaper *procs.Reaper
	Log    hclog.Logger
	// Ways are the declared ways to reach people.
	Ways func() []config.Notify

	mu sync.Mutex // guards all below, and what waits on the disk
	// number tells notices of one moment apart, desks know what each way was told.
	number int
	desks  map[string]*desk
}

// waiting are notices on the disk that are told together. Those without a try wait for
// others of their cause.
type waiting struct {
	Way     string    `json:"way"`
	Notices []Notice  `json:"notices"`
	Tries   int       `json:"tries"`
	Next    time.Time `json:"next"`
}

// Tell delivers a notice every declared way, and says which. What could not be delivered is
// kept and tried again; what is like others is told together with them.
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
	what, err := o.sort(way, n)
	if what != "" || err != nil {
		return what, err
	}
	failed := send(ctx, o.Reaper, way, n)
	if failed == nil {
		return "told " + way.Name, nil
	}
	o.Log.Warn("a notice waits", "way", way.Name, "cause", failed)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.keep(waiting{Way: way.Name, Notices: []Notice{n}, Tries: 1, Next: time.Now().Add(retryAfter(1))}); err != nil {
		return "", fmt.Errorf("cannot notify %s: %w, and it cannot wait: %w", way.Name, failed, err)
	}
	return way.Name + " will be told as soon as it can be reached", nil
}

// sort decides what becomes of a notice; nothing for one that is to be told now. An
// Alertmanager sorts by itself.
func (o *Outbox) sort(way config.Notify, n Notice) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.desks == nil {
		o.desks = map[string]*desk{}
	}
	if o.desks[way.Name] == nil {
		o.desks[way.Name] = &desk{}
	}
	d := o.desks[way.Name]
	if n.Resolved {
		if gone := o.withdraw(way.Name, n.Incident); gone > 0 && gone == len(d.told[n.Incident]) {
			return way.Name + " need not be told: it was over before", nil
		}
	}
	before, until := d.judge(time.Now(), n)
	switch {
	case before:
		return way.Name + " was told before", nil
	case until.IsZero() || way.Alertmanager != "":
		return "", nil
	}
	return way.Name + " will be told together with others", o.join(waiting{Way: way.Name, Notices: []Notice{n}, Next: until})
}

// join adds a notice to those that wait for others.
func (o *Outbox) join(w waiting) error {
	for _, name := range o.names() {
		path := filepath.Join(o.Dir, name)
		if other, err := load(path); err == nil && other.Way == w.Way && other.Tries == 0 {
			other.Notices = append(other.Notices, w.Notices...)
			return save(path, other)
		}
	}
	return o.keep(w)
}

// withdraw takes back what was to be told of an incident, and says how much that was.
func (o *Outbox) withdraw(way, incident string) (gone int) {
	for _, name := range o.names() {
		path := filepath.Join(o.Dir, name)
		w, err := load(path)
		if err != nil || w.Way != way || w.Tries > 0 {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(w.Notices), func(n Notice) bool { return n.Incident == incident })
		gone += len(w.Notices) - len(left)
		if w.Notices = left; len(left) > 0 {
			_ = save(path, w)
		} else {
			_ = os.Remove(path)
		}
	}
	return gone
}

func load(path string) (w waiting, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err == nil && len(w.Notices) == 0 {
		err = errors.New("it holds no notice")
	}
	return w, err
}

func save(path string, w waiting) error {
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("cannot encode notice: %w", err)
	}
	return fsys.Replace(path, text)
}

// keep writes notices down. When too many wait, the oldest go.
func (o *Outbox) keep(w waiting) error {
	if err := fsys.PrivateDir(o.Dir); err != nil {
		return err
	}
	names := o.names()
	for len(names) >= maxWaiting {
		o.Log.Warn("a notice was dropped: too many wait", "file", names[0])
		_ = os.Remove(filepath.Join(o.Dir, names[0]))
		names = names[1:]
	}
	o.number++
	return save(filepath.Join(o.Dir, fmt.Sprintf("%d-%06d.json", w.Notices[0].At.UnixNano(), o.number)), w)
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

// again tries those that are due.
func (o *Outbox) again(ctx context.Context, path string) {
	w, ok := o.due(path)
	if !ok {
		return
	}
	i := slices.IndexFunc(o.Ways(), func(way config.Notify) bool { return way.Name == w.Way })
	failed := send(ctx, o.Reaper, o.Ways()[i], together(w.Notices))
	o.mu.Lock()
	defer o.mu.Unlock()
	if failed == nil {
		_ = os.Remove(path)
		return
	}
	w.Next = time.Now().Add(retryAfter(w.Tries))
	_ = save(path, w)
}

// due takes those that are due, so that no others join them; what cannot be delivered any
// more is dropped.
func (o *Outbox) due(path string) (waiting, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w, err := load(path)
	if errors.Is(err, os.ErrNotExist) {
		return w, false
	}
	known := slices.ContainsFunc(o.Ways(), func(way config.Notify) bool { return way.Name == w.Way })
	switch {
	case err != nil || !known || time.Since(w.Notices[0].At) > maxAge:
		o.Log.Warn("a notice was dropped: it cannot be delivered any more", "way", w.Way, "cause", err)
		_ = os.Remove(path)
		return w, false
	case time.Now().Before(w.Next):
		return w, false
	}
	w.Tries++
	return w, save(path, w) == nil
}

// retryAfter is the wait before the next try.
func retryAfter(tries int) time.Duration {
	d := firstRetry
	for range tries - 1 {
		d = min(d*3/2, lastRetry)
	}
	return d/2 + rand.N(d)
}
