package follow

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// rotate renames the log away as logrotate does: each generation goes one further, at most
// three stay.
func (s *scene) rotate() {
	s.t.Helper()
	_ = os.Remove(s.path + ".3")
	for n := 2; n >= 1; n-- {
		_ = os.Rename(fmt.Sprintf("%s.%d", s.path, n), fmt.Sprintf("%s.%d", s.path, n+1))
	}
	if err := os.Rename(s.path, s.path+".1"); err != nil {
		s.t.Fatal(err)
	}
}

func TestFollowWhatWasRenamedTwiceBetweenTwoLooks(t *testing.T) {
	s := newScene(t)
	s.write("one\n")
	s.read()
	s.write("two\n")
	s.rotate()
	s.write("three\n")
	s.rotate()
	s.write("four\n")
	s.read()
	s.want("one", "two", "three", "four")
	s.rotate()
	s.rotateEmpty()
	s.write("five\n")
	s.read()
	s.want("one", "two", "three", "four", "five")
}

// TestFollowHoldsFewOfManyRenamedFilesOpen: what is beyond them is found afterwards, in order.
func TestFollowHoldsFewOfManyRenamedFilesOpen(t *testing.T) {
	s := newScene(t)
	s.write("generation 0\n")
	s.read()
	begun := time.Now()
	want := []string{"generation 0"}
	for n := range 3 * queueMost {
		at := fmt.Sprintf("%s.%d", s.path, n)
		if err := os.Rename(s.path, at); err != nil {
			t.Fatal(err)
		}
		written := begun.Add(time.Duration(n) * time.Second)
		if err := os.Chtimes(at, written, written); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("generation %d", n+1)
		s.write(line + "\n")
		want = append(want, line)
	}
	s.read()
	s.want(want...)
}

// rotateEmpty makes a generation that nothing was written to.
func (s *scene) rotateEmpty() {
	s.write("")
	s.rotate()
}

func TestFollowTakesNothingBesideItForARotation(t *testing.T) {
	s := newScene(t)
	if err := os.WriteFile(s.path+".old", []byte("from before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.f.Close()
	s.f = Open(s.path) // .old was there when it began
	s.write("a line that is long enough to tell this file from every other one\n")
	s.read()
	s.copy("", ".bak")
	s.rotate()
	s.copy(".1", ".1.gz")
	s.write("after\n")
	s.read()
	s.want("a line that is long enough to tell this file from every other one", "after")
	if err := os.Chtimes(s.path+".old", time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	s.rotate()
	s.write("last\n")
	s.read()
	s.want("a line that is long enough to tell this file from every other one", "after", "last")
}

// copy makes a file beside the log with what another one holds.
func (s *scene) copy(from, to string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path + from)
	if err == nil {
		err = os.WriteFile(s.path+to, b, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
