package fleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/hub"
)

var sprintf = fmt.Sprintf

// archived reads the numbers of a host's events from the archive, as a person would.
func archived(t *testing.T, h *hubProcess, group, host string) (seqs []uint64) {
	t.Helper()
	book, err := hub.OpenBook(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	seed, _, err := book.Add(hub.Member{Kind: hub.KindReader, Name: "reader"}, true)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "reader.nk")
	if err := os.WriteFile(path, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	var v *Viewer
	eventually(t, 20*time.Second, "the reader is accepted", func() bool {
		v, err = Look(config.Fleet{Servers: []string{h.url}, Credentials: path})
		return err == nil
	})
	defer v.Close()
	err = v.Events(t.Context(), group, host, time.Time{}, false, func(a Archived) bool {
		var e heal.Event
		if err := json.Unmarshal(a.Event, &e); err != nil || a.Group != group || a.Host != host {
			t.Errorf("%s.%s: %v", a.Group, a.Host, err)
		}
		seqs = append(seqs, e.Seq)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return seqs
}

// TestArchiveSurvivesKills: the hub dies three times while two hosts record; afterwards all
// events are there, once each, in order.
func TestArchiveSurvivesKills(t *testing.T) {
	const each = 5000
	h := startHub(t)
	a, b := newMemory(), newMemory()
	hosts := []*member{run(t, h.join("web", "a"), a, t.TempDir()), run(t, h.join("web", "b"), b, t.TempDir())}
	for part := range 4 {
		a.add(each / 4)
		b.add(each / 4)
		if part == 3 {
			break
		}
		at := uint64(each/4*part + each/8)
		eventually(t, 60*time.Second, fmt.Sprintf("%d events arrive", at), func() bool { return hosts[0].Archived() > at })
		h.kill()
		h.start()
	}
	for i, name := range []string{"a", "b"} {
		eventually(t, 120*time.Second, "all events of "+name+" are archived", func() bool { return hosts[i].Archived() == each })
		seqs := archived(t, h, "web", name)
		if len(seqs) != each {
			t.Errorf("host %s: %d events are in the archive, want %d", name, len(seqs), each)
		}
		for n, seq := range seqs {
			if seq != uint64(n+1) {
				t.Fatalf("host %s: event %d is in place %d", name, seq, n+1)
			}
		}
	}
	if lines := h.said("missing"); len(lines) > 0 {
		t.Errorf("the hub misses something: %v", lines)
	}
}

// TestArchiveGoesOnAfterARestart: a host that comes back goes on where it was; what retention
// has removed meanwhile is counted and told.
func TestArchiveGoesOnAfterARestart(t *testing.T) {
	h := startHub(t)
	f, dir, j := h.join("web", "a"), t.TempDir(), newMemory()
	j.add(10)
	first := run(t, f, j, dir)
	eventually(t, 20*time.Second, "ten events arrive", func() bool { return first.Archived() == 10 })
	first.stop()
	j.add(20)
	j.trim(15)
	second := run(t, f, j, dir)
	eventually(t, 20*time.Second, "the rest arrives", func() bool { return second.Archived() == 30 })
	seqs := archived(t, h, "web", "a")
	if len(seqs) != 25 || seqs[9] != 10 || seqs[10] != 16 {
		t.Errorf("the archive holds %v", seqs)
	}
	if !second.noted("5 events before event 16 are not in the journal any more") {
		t.Errorf("the gap is not told: %v", second.notes)
	}
	eventually(t, 20*time.Second, "the hub tells the gap", func() bool { return len(h.said("5 events of web.a before event 16")) > 0 })
}

// TestArchiveAfterAFlippedBit: the server gives up everything behind a flipped bit without a
// word; the host sees that the archive ends too early, says so, and sends the rest again.
func TestArchiveAfterAFlippedBit(t *testing.T) {
	const all = 400
	h := startHub(t)
	j := newMemory()
	j.add(all)
	m := run(t, h.join("web", "a"), j, t.TempDir())
	eventually(t, 60*time.Second, "all events arrive", func() bool { return m.Archived() == all })
	h.kill()
	flip(t, h.dir)
	h.start()
	eventually(t, 60*time.Second, "the loss is told", func() bool { return m.noted("which had sent 400: the rest is sent again") })
	eventually(t, 60*time.Second, "all events are back", func() bool { return m.Archived() == all })
	seqs := archived(t, h, "web", "a")
	if len(seqs) != all || seqs[all-1] != all {
		t.Errorf("the archive holds %d events", len(seqs))
	}
}

// TestArchiveIsRefilled: a block of the hub's store is gone from the middle; the hub finds the
// hole and has it filled by the host.
func TestArchiveIsRefilled(t *testing.T) {
	const all, large = 75, 400 << 10
	h := startHub(t)
	j := newMemory()
	j.note = strings.Repeat("x", large)
	j.add(all)
	m := run(t, h.join("web", "a"), j, t.TempDir())
	eventually(t, 60*time.Second, "all events arrive", func() bool { return m.Archived() == all })
	h.kill()
	blocks := blocksOf(t, h.dir)
	if len(blocks) < 3 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	if err := os.Remove(blocks[1]); err != nil {
		t.Fatal(err)
	}
	h.start()
	eventually(t, 60*time.Second, "the hub reports the hole", func() bool { return len(h.said("are missing")) > 0 })
	eventually(t, 60*time.Second, "the hole is filled", func() bool { return len(h.said("nothing of web.a is missing any more")) > 0 })
	seqs := archived(t, h, "web", "a")
	slices.Sort(seqs)
	if len(seqs) != all || len(slices.Compact(seqs)) != all {
		t.Errorf("the archive holds %d events: %v", len(seqs), h.said("missing"))
	}
	t.Logf("sent again: %v", h.said("are missing"))
}

func blocksOf(t *testing.T, dir string) []string {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, "jetstream", "jetstream", "*", "streams", schema.Archive, "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("no block of the archive: %v", err)
	}
	slices.SortFunc(blocks, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return blocks
}

// flip turns one bit round in the middle of the archive's block.
func flip(t *testing.T, dir string) {
	t.Helper()
	blocks := blocksOf(t, dir)
	raw, err := os.ReadFile(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(raw[len(raw)/2:]), "something happened")
	raw[len(raw)/2+at] ^= 1
	if err := os.WriteFile(blocks[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTwoHostsOfOneName: the second one takes no part, says so, and disturbs nothing.
func TestTwoHostsOfOneName(t *testing.T) {
	h := startHub(t)
	f, j := h.join("web", "a"), newMemory()
	j.add(3)
	first := run(t, f, j, t.TempDir())
	eventually(t, 20*time.Second, "the first one is there", func() bool { return first.Archived() == 3 })
	other := newMemory()
	other.add(7)
	second := run(t, f, other, t.TempDir())
	eventually(t, 20*time.Second, "the second one is told", func() bool { return strings.Contains(second.Fault(), "another host of this name") })
	if second.Archived() != 0 || !second.noted("give one of them another host") {
		t.Errorf("it has archived %d events: %v", second.Archived(), second.notes)
	}
}

func TestFaultsNameTheRemedy(t *testing.T) {
	h := startHub(t)
	f := h.join("web", "a")
	h.join("web", "a") // another key: the first one is refused from now on
	m := run(t, f, newMemory(), t.TempDir())
	eventually(t, 20*time.Second, "a refused key is told", func() bool { return strings.Contains(m.Fault(), "refuses this host's key") })
	away := f
	away.Servers = []string{"nats://127.0.0.1:1"}
	n := run(t, away, newMemory(), t.TempDir())
	eventually(t, 20*time.Second, "a hub that is away is told", func() bool { return strings.Contains(n.Fault(), "cannot be reached") })
	wrong := h.join("web", "b")
	wrong.Group = "db"
	o := run(t, wrong, newMemory(), t.TempDir())
	eventually(t, 20*time.Second, "a key for another group is told", func() bool { return strings.Contains(o.Fault(), "is the key for this group and host?") })
	away.Credentials = filepath.Join(t.TempDir(), "none")
	if _, err := New(Options{Config: away, Dir: t.TempDir(), Journal: newMemory()}); err == nil || !strings.Contains(err.Error(), "healer-hub join HOST") {
		t.Errorf("without a key: %v", err)
	}
}
