package statedir

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"healer-sidecar/internal/host/fsys"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func dirs(all []Info) (names []string) {
	for _, i := range all {
		names = append(names, filepath.Base(i.Dir))
	}
	return names
}

// TestSurplusIsTheLongestUnused: by age, number and size, never what runs or has a policy.
func TestSurplusIsTheLongestUnused(t *testing.T) {
	now := time.Now()
	info := func(name string, hours int, bytes int64) Info {
		return Info{Dir: "/" + name, About: About{Command: []string{"x"}}, Used: now.Add(-time.Duration(hours) * time.Hour), Bytes: bytes}
	}
	all := []Info{info("a", 1, 10), info("b", 2, 10), info("c", 3, 70), info("d", 4, 10), info("e", 50, 10), info("f", 51, 10)}
	all[1].Running, all[4].Command = true, nil
	for name, c := range map[string]struct {
		limits Limits
		want   []string
	}{
		"none":   {Limits{}, nil},
		"age":    {Limits{Age: 3*time.Hour + time.Minute}, []string{"d", "f"}},
		"number": {Limits{Number: 2}, []string{"c", "d", "f"}},
		"bytes":  {Limits{Bytes: 35}, []string{"c", "f"}},
		"all":    {Limits{Age: 1}, []string{"a", "c", "d", "f"}},
	} {
		if got := dirs(Surplus(all, c.limits, now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestTidyRemovesOnlyWhatNobodyUses, and not more often than once an hour.
func TestTidyRemovesOnlyWhatNobodyUses(t *testing.T) {
	root, now := t.TempDir(), time.Now()
	make := func(name string, a About) string {
		dir := filepath.Join(root, name)
		check(t, fsys.PrivateDir(dir))
		check(t, Mark(dir, a))
		check(t, os.Chtimes(filepath.Join(dir, aboutFile), now.Add(-time.Hour), now.Add(-time.Hour)))
		return dir
	}
	make("old", About{Command: []string{"x"}})
	running := make("running", About{Command: []string{"y"}})
	make("policy", About{Policy: "/etc/a.hcl"})
	check(t, os.Mkdir(filepath.Join(root, "unknown"), 0o700))
	lock, err := fsys.Lock(running)
	check(t, err)
	defer lock.Close()
	if err := Remove(running); !errors.Is(err, fsys.ErrLocked) {
		t.Errorf("a directory in use was removed: %v", err)
	}
	for range 2 {
		_, err := Tidy(root, Limits{Age: time.Minute}, now)
		check(t, err)
		make("new", About{Command: []string{"z"}})
	}
	left, err := List(root)
	check(t, err)
	names := dirs(left)
	slices.Sort(names)
	if want := []string{"new", "policy", "running", "unknown"}; !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
}

// TestARunningSidecarIsFoundWhereverItsStateIs.
func TestARunningSidecarIsFoundWhereverItsStateIs(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	elsewhere := t.TempDir()
	forget, err := Register(elsewhere)
	check(t, err)
	gone := filepath.Join(t.TempDir(), "gone")
	_, err = Register(gone)
	check(t, err)
	usual, err := For("a", "b")
	check(t, err)
	check(t, fsys.PrivateDir(usual))
	if got := Candidates(); !slices.Equal(got, []string{elsewhere, usual}) {
		t.Errorf("found %v", got)
	}
	forget()
	if got := Candidates(); !slices.Equal(got, []string{usual}) {
		t.Errorf("found %v after the end", got)
	}
}

// TestATemporaryPlaceIsFound where the usual one for temporary files takes nothing.
func TestATemporaryPlaceIsFound(t *testing.T) {
	runtime := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(runtime, "missing"))
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	dir, err := Temporary()
	check(t, err)
	if filepath.Dir(dir) != runtime {
		t.Errorf("it is %s", dir)
	}
	check(t, fsys.PrivateDir(dir))
}

// TestMarkNotesWhenItIsUsed, and writes only what changes.
func TestMarkNotesWhenItIsUsed(t *testing.T) {
	dir := t.TempDir()
	about := About{Command: []string{"a"}, Folder: "/srv"}
	path := filepath.Join(dir, aboutFile)
	for _, about := range []About{about, about, {Policy: "/p.hcl"}} {
		before, _ := os.Stat(path)
		long := time.Now().Add(-time.Hour)
		if before != nil {
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
		if err := Mark(dir, about); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(path)
		if err != nil || time.Since(after.ModTime()) > time.Minute {
			t.Fatalf("%+v: used at %v, %v", about, after, err)
		}
		if i := look(dir); i.Policy != about.Policy || i.Folder != about.Folder {
			t.Errorf("got %+v, want %+v", i.About, about)
		}
		if same := before != nil && os.SameFile(before, after); same != (before != nil && about.Folder != "") {
			t.Errorf("%+v: written again: %t", about, !same)
		}
	}
}
