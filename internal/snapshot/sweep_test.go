package snapshot

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// changing are the system calls by which the disk is changed or synced.
const changing = "mkdirat,unlinkat,renameat,renameat2,symlinkat,fchmodat,fchownat,fsync,syncfs,ftruncate"

// act is what the killed process does.
func (b *bench) act(what string) {
	runtime.LockOSThread() // strace counts the calls of each thread
	switch what {
	case "take":
		_, _, err := b.store.Take("a", b.snap, taken)
		b.do(err)
	case "restore":
		b.do(restore(b.store, 1))
	case "undo":
		b.do(b.store.Undo("a", b.snap.Paths))
	}
}

// TestAKillAtEverySystemCallLosesNothing: what takes, restores or takes back is killed at each call
// that changes the disk. Afterwards the trees are whole, what was newest is still there, and every
// generation that is listed can be put back.
func TestAKillAtEverySystemCallLosesNothing(t *testing.T) {
	if dir := os.Getenv("HEALER_TEST_SWEEP"); dir != "" {
		b := newBench(t, "one", "two")
		b.store = Store{filepath.Join(dir, "store")}
		b.dir, b.snap.Paths, b.snap.Keep = dir, []string{filepath.Join(dir, "one"), filepath.Join(dir, "two")}, 1
		b.act(os.Getenv("HEALER_TEST_ACT"))
		return
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Setenv("TMPDIR", "/dev/shm") // a kill is one on any disk, and this one syncs at once
	}
	for _, what := range []string{"take", "restore", "undo"} {
		t.Run(what, func(t *testing.T) {
			for n := 1; ; n++ {
				b := newBench(t, "one", "two")
				b.store, b.snap.Keep = Store{filepath.Join(b.dir, "store")}, 1
				if b.killed(what, n) {
					t.Logf("survived %d calls", n-1)
					return
				}
			}
		})
	}
}

func (b *bench) small(word string) {
	b.write("one/file", word)
	b.write("one/deep/file", word)
	b.write("two", word)
}

// holds is the one word that the trees at some names hold; empty for a mix, or none.
func (b *bench) holds(one, two string) string {
	words := map[string]bool{}
	for _, path := range []string{one + "/file", one + "/deep/file", two} {
		text, err := os.ReadFile(filepath.Join(b.dir, path))
		if err != nil {
			return ""
		}
		words[string(text)] = true
	}
	for word := range words {
		if len(words) == 1 {
			return word
		}
	}
	return ""
}

// killed kills at the n-th call, and reports whether there was no such call.
func (b *bench) killed(what string, n int) (survived bool) {
	b.small("old")
	b.take()
	b.small("new")
	if what == "undo" {
		b.do(restore(b.store, 1))
	}
	cmd := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+changing, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", changing, n),
		os.Args[0], "-test.run", "^TestAKillAtEverySystemCallLosesNothing$")
	cmd.Env = append(os.Environ(), "HEALER_TEST_SWEEP="+b.dir, "HEALER_TEST_ACT="+what)
	out, err := cmd.CombinedOutput()
	if survived = err == nil; !survived && len(out) > 0 {
		b.Fatalf("%s, killed at %d: %v: %s", what, n, err, out)
	}
	if _, err := b.store.Recover("a", b.snap.Paths); err != nil {
		b.Fatalf("%s, killed at %d: %v", what, n, err)
	}
	there := b.holds("one", "two")
	aside := b.holds(asidePrefix+"one", asidePrefix+"two")
	if there == "" || there != "new" && aside != "new" {
		b.Fatalf("%s, killed at %d: there is %q, aside %q", what, n, there, aside)
	}
	all := b.store.List("a", "state")
	if len(all) == 0 {
		b.Fatalf("%s, killed at %d: no generation is left", what, n)
	}
	for _, m := range all {
		b.do(restore(b.store, m.Number))
	}
	_, _, err = b.store.Take("a", b.snap, taken.Add(time.Hour))
	b.do(err)
	return survived
}

// TestWhatIsGoneKeepsNoAgentDown: a stage that somebody has removed is told of, and the tree that is
// there stays.
func TestWhatIsGoneKeepsNoAgentDown(t *testing.T) {
	b := newBench(t, "one", "two")
	b.generation("old")
	m, _ := b.take()
	b.generation("bad")
	swaps := b.staged(m)
	b.do(b.store.intend("a", swaps))
	b.do(os.RemoveAll(swaps[0].stage()))
	if ended, err := b.store.Recover("a", b.snap.Paths); !ended || !Lost(err) {
		t.Errorf("%v, %v", ended, err)
	}
	if b.read("one/1/file") != "bad" || b.read("two/1") != "old" {
		t.Error("a tree is not what it should be")
	}
	if again, err := b.store.Recover("a", b.snap.Paths); again || err != nil {
		t.Errorf("a second time: %v, %v", again, err)
	}
	b.do(os.WriteFile(b.store.note("a"), []byte("half of a no"), 0o600))
	if again, err := b.store.Recover("a", b.snap.Paths); again || err != nil {
		t.Errorf("with a damaged note: %v, %v", again, err)
	}
}

// TestMaxFilesCountsWhatTakesRoom: links and folders too.
func TestMaxFilesCountsWhatTakesRoom(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"links":   func(path string) error { return os.Symlink("nothing", path) },
		"folders": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		b := newBench(t, "tree")
		b.write("tree/file", "x")
		for n := range 20 {
			b.do(put(filepath.Join(b.dir, "tree", fmt.Sprint("x", n))))
		}
		b.snap.MaxFiles = 10
		if _, _, err := b.store.Take("a", b.snap, taken); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
