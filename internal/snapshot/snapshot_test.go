package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/fsys"
)

var taken = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bench is a workspace with a store beside it.
type bench struct {
	*testing.T
	dir   string
	store Store
	snap  config.Snapshot
}

func newBench(t *testing.T, paths ...string) *bench {
	b := &bench{T: t, dir: filepath.Join(t.TempDir(), "work"), store: Store{filepath.Join(t.TempDir(), "snapshots")}}
	b.do(os.MkdirAll(b.dir, 0o700))
	b.do(os.MkdirAll(b.store.Dir, 0o700))
	b.snap = config.Snapshot{Name: "state", Keep: 3, MaxSize: 1 << 20, MaxFiles: 1000}
	for _, p := range paths {
		b.snap.Paths = append(b.snap.Paths, filepath.Join(b.dir, p))
	}
	return b
}

func (b *bench) do(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) write(name, text string) {
	b.Helper()
	path := filepath.Join(b.dir, name)
	b.do(os.MkdirAll(filepath.Dir(path), 0o700))
	b.do(os.WriteFile(path, []byte(text), 0o640))
}

func (b *bench) read(name string) string {
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (b *bench) take() (Manifest, bool) {
	b.Helper()
	m, kept, err := b.store.Take("a", b.snap, taken)
	b.do(err)
	return m, kept
}

// restore puts a generation of the state back.
func restore(s Store, number int) error {
	staged, err := s.Stage("a", []Choice{{"state", number}})
	if err != nil {
		return err
	}
	return staged.CarryOut()
}

func TestAGenerationIsPutBack(t *testing.T) {
	b := newBench(t, "state", "config.json")
	b.write("state/deep/er/one", "good")
	b.write("config.json", "{}")
	b.do(os.Symlink("deep/er/one", filepath.Join(b.dir, "state/link")))
	m, kept := b.take()
	if files, size := m.Files(); !kept || files != 2 || size != 6 {
		t.Fatalf("kept %v, %d files of %d bytes", kept, files, size)
	}
	if _, again := b.take(); again {
		t.Error("a generation that changes nothing is kept")
	}
	b.write("state/deep/er/one", "bad")
	b.write("state/new", "bad")
	b.write("config.json", "bad")
	b.do(restore(b.store, m.Number))
	if got := b.read("state/deep/er/one") + b.read("state/link") + b.read("config.json"); got != "goodgood{}" {
		t.Errorf("put back: %q", got)
	}
	if _, err := os.Lstat(filepath.Join(b.dir, "state/new")); err == nil {
		t.Error("what was new is still there")
	}
	if got := b.read(".healer-bad-state/new"); got != "bad" {
		t.Errorf("the bad tree is not kept aside: %s", got)
	}
	info, err := os.Stat(filepath.Join(b.dir, "state/deep/er/one"))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	b.do(b.store.Undo("a", b.snap.Paths))
	if got := b.read("state/deep/er/one") + b.read("config.json"); got != "badbad" {
		t.Errorf("taken back: %q", got)
	}
}

func TestOldGenerationsGo(t *testing.T) {
	b := newBench(t, "state")
	for i := range 6 {
		b.write("state", fmt.Sprint(i))
		b.take()
	}
	all := b.store.List("a", "state")
	if len(all) != 3 || all[0].Number != 6 {
		t.Fatalf("%d are kept, the latest %d", len(all), all[0].Number)
	}
	b.do(restore(b.store, all[2].Number))
	if got := b.read("state"); got != "3" {
		t.Errorf("the oldest says %q", got)
	}
}

func TestWhatDidNotExistIsTakenAway(t *testing.T) {
	b := newBench(t, "cache")
	m, _ := b.take()
	b.write("cache/poison", "x")
	b.do(restore(b.store, m.Number))
	if _, err := os.Lstat(filepath.Join(b.dir, "cache")); err == nil {
		t.Error("it is still there")
	}
}

func TestCapsAreKept(t *testing.T) {
	b := newBench(t, "state")
	b.write("state/big", strings.Repeat("x", 1<<20))
	b.write("state/more", "x")
	if _, _, err := b.store.Take("a", b.snap, taken); err == nil || len(b.store.List("a", "state")) != 0 {
		t.Errorf("more than max_size is kept: %v", err)
	}
	sparse, err := os.Create(filepath.Join(b.dir, "state/big"))
	b.do(err)
	b.do(sparse.Truncate(1 << 40))
	sparse.Close()
	if _, _, err := b.store.Take("a", b.snap, taken); err == nil {
		t.Error("a sparse terabyte is kept")
	}
}

func TestADamagedGenerationIsNotPutBack(t *testing.T) {
	b := newBench(t, "state")
	b.write("state/one", "good")
	m, _ := b.take()
	gen := filepath.Join(b.store.Dir, "a/state", genName(m.Number))
	b.do(os.WriteFile(filepath.Join(gen, "0/tree/one"), []byte("evil"), 0o600))
	b.write("state/one", "now")
	if err := restore(b.store, m.Number); err == nil || b.read("state/one") != "now" {
		t.Errorf("a file that was changed is put back: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(gen, manifestFile))
	b.do(err)
	b.do(os.WriteFile(filepath.Join(gen, manifestFile), []byte(strings.Replace(string(text), `"one"`, `"../x"`, 1)), 0o600))
	if err := restore(b.store, m.Number); err == nil {
		t.Error("a doctored manifest is believed")
	}
}

// TestAHostileTree: nothing outside is created, changed or read.
func TestAHostileTree(t *testing.T) {
	b := newBench(t, "state")
	outside := filepath.Join(t.TempDir(), "outside")
	b.do(os.MkdirAll(outside, 0o700))
	b.do(os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600))
	b.write("state/fine", "fine")
	b.do(os.Symlink(outside, filepath.Join(b.dir, "state/out")))
	b.do(os.Symlink("/etc", filepath.Join(b.dir, "state/etc")))
	b.do(syscall.Mkfifo(filepath.Join(b.dir, "state/fifo"), 0o600))
	b.write("state/suid", "x")
	b.do(os.Chmod(filepath.Join(b.dir, "state/suid"), 0o755|os.ModeSetuid))
	if os.Geteuid() == 0 {
		b.write("state/foreign", "of somebody else")
		b.do(os.Lchown(filepath.Join(b.dir, "state/foreign"), 12345, 12345))
	}
	m, _ := b.take()
	if len(m.Skipped) == 0 {
		t.Error("nothing is listed as left out")
	}
	b.do(os.RemoveAll(filepath.Join(b.dir, "state")))
	b.do(os.Symlink(outside, filepath.Join(b.dir, "state")))
	b.do(os.Symlink(outside, filepath.Join(b.dir, stagePrefix+"state")))
	b.do(restore(b.store, m.Number))
	left, err := os.ReadDir(outside)
	b.do(err)
	if text, _ := os.ReadFile(filepath.Join(outside, "secret")); len(left) != 1 || string(text) != "secret" {
		t.Errorf("outside was touched: %v", left)
	}
	if got := b.read("state/fine"); got != "fine" {
		t.Errorf("inside: %s", got)
	}
	info, err := os.Lstat(filepath.Join(b.dir, "state/suid"))
	if err != nil || info.Mode()&os.ModeSetuid != 0 {
		t.Errorf("setuid came back: %v, %v", info.Mode(), err)
	}
	if to, err := os.Readlink(filepath.Join(b.dir, "state/out")); err != nil || to != outside {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// generation writes trees that hold one word everywhere.
func (b *bench) generation(word string) {
	for i := range 200 {
		b.write(fmt.Sprintf("one/%d/file", i), word)
		b.write(fmt.Sprintf("two/%d", i), word)
	}
}

// words are what the trees hold.
func (b *bench) words() map[string]int {
	words := map[string]int{}
	for i := range 200 {
		words[b.read(fmt.Sprintf("one/%d/file", i))]++
		words[b.read(fmt.Sprintf("two/%d", i))]++
	}
	return words
}

// TestAKillLeavesOldOrNew: a process that restores is killed at a random moment, again and
// again; what it leaves is ended by the next, and is never a mix.
func TestAKillLeavesOldOrNew(t *testing.T) {
	if dir := os.Getenv("HEALER_TEST_RESTORE"); dir != "" {
		_ = restore(Store{dir}, 1)
		return
	}
	b := newBench(t, "one", "two")
	b.generation("old")
	b.take()
	seen := map[string]int{}
	for range 25 {
		b.generation("bad")
		cmd := exec.Command(os.Args[0], "-test.run", "^TestAKillLeavesOldOrNew$")
		cmd.Env = append(os.Environ(), "HEALER_TEST_RESTORE="+b.store.Dir)
		b.do(cmd.Start())
		time.AfterFunc(time.Duration(rand.IntN(500))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		_, err := b.store.Recover("a", b.snap.Paths)
		b.do(err)
		words := b.words()
		if len(words) != 1 {
			t.Fatalf("a mix: %v", words)
		}
		if left, _ := filepath.Glob(filepath.Join(b.dir, ".*healer-stage-*")); len(left) > 0 {
			t.Fatalf("left beside it: %v", left)
		}
		for w := range words {
			seen[w]++
		}
	}
	t.Logf("after a kill: %v", seen)
}

// staged stages all trees of a generation beside what they will replace.
func (b *bench) staged(m Manifest) []swap {
	gen := filepath.Join(b.store.Dir, "a/state", genName(m.Number))
	swaps := make([]swap, len(m.Trees))
	for i, tree := range m.Trees {
		swaps[i].Path = tree.Path
		b.do(stage(&swaps[i], filepath.Join(gen, fmt.Sprint(i), treeName), tree))
	}
	return swaps
}

// TestRecoverEndsWhatWasBegun: with everything staged and written down, a death before,
// between or after the exchanges leads to the new trees.
func TestRecoverEndsWhatWasBegun(t *testing.T) {
	for done := range 3 {
		b := newBench(t, "one", "two")
		b.generation("old")
		m, _ := b.take()
		b.generation("bad")
		swaps := b.staged(m)
		text, err := json.Marshal(swaps)
		b.do(err)
		b.do(os.WriteFile(filepath.Join(b.store.Dir, "a", intentFile), text, 0o600))
		for _, w := range swaps[:done] {
			b.do(w.finish())
		}
		ended, err := b.store.Recover("a", b.snap.Paths)
		b.do(err)
		if words := b.words(); !ended || words["old"] != 400 {
			t.Errorf("after %d exchanges: ended %v, %v", done, ended, words)
		}
		if again, err := b.store.Recover("a", b.snap.Paths); again || err != nil {
			t.Errorf("a second time: %v, %v", again, err)
		}
	}
}

// TestWithoutAnExchange restores on a file system that cannot exchange names, also when we died
// between its two steps.
func TestWithoutAnExchange(t *testing.T) {
	exchange = func(*os.File, string, string) error { return errors.ErrUnsupported }
	t.Cleanup(func() { exchange = fsys.Exchange })
	for _, died := range []bool{false, true} {
		b := newBench(t, "one", "two")
		b.generation("old")
		m, _ := b.take()
		b.generation("bad")
		swaps := b.staged(m)
		b.do(b.store.intend("a", swaps))
		if died {
			b.do(os.Rename(swaps[0].Path, swaps[0].aside()))
		}
		ended, err := b.store.Recover("a", b.snap.Paths)
		b.do(err)
		if words := b.words(); !ended || words["old"] != 400 {
			t.Errorf("died %v: ended %v, %v", died, ended, words)
		}
		b.do(b.store.Undo("a", b.snap.Paths))
		if words := b.words(); words["bad"] != 400 {
			t.Errorf("died %v: taken back it holds %v", died, words)
		}
	}
}

// TestWhatCannotBeEndedIsKeptForTheNextTime: an exchange that fails half way loses nothing
// of what was staged.
func TestWhatCannotBeEndedIsKeptForTheNextTime(t *testing.T) {
	b := newBench(t, "one", "two", "far/three")
	b.generation("old")
	b.write("far/three", "old")
	m, _ := b.take()
	b.generation("bad")
	b.write("far/three", "bad")
	swaps := b.staged(m)
	b.do(b.store.intend("a", swaps))
	far := filepath.Join(b.dir, "far")
	b.do(os.Rename(far, far+".away"))
	if err := b.store.carryOut("a", swaps); err == nil {
		t.Fatal("it was ended without a folder")
	}
	b.do(os.Rename(far+".away", far))
	ended, err := b.store.Recover("a", b.snap.Paths)
	b.do(err)
	if got := b.read("far/three"); !ended || got != "old" || b.words()["old"] != 400 {
		t.Errorf("ended %v, %q, %v", ended, got, b.words())
	}
}
