package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// crowd is a folder of log files and what was read of them.
type crowd struct {
	*testing.T
	dir string
	f   *Folder
	got []string
}

func newCrowd(t *testing.T, files int) *crowd {
	c := &crowd{T: t, dir: t.TempDir()}
	for i := range files {
		c.write(fmt.Sprintf("%04d.log", i), "old\n")
	}
	c.write("other.txt", "old\n")
	c.f = OpenFolder(filepath.Join(c.dir, "*.log"))
	t.Cleanup(c.f.Close)
	return c
}

// write appends, and tells the folder as a watcher would.
func (c *crowd) write(name, text string) {
	c.Helper()
	file, err := os.OpenFile(filepath.Join(c.dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		c.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		c.Fatal(err)
	}
	if c.f != nil {
		c.f.noted(name)
	}
}

func (c *crowd) read() []string {
	c.Helper()
	c.got = nil
	err := c.f.Read(func(block []byte) {
		for line := range strings.Lines(string(block)) {
			c.got = append(c.got, c.f.part+": "+strings.TrimSpace(line))
		}
	})
	if err != nil {
		c.Fatal(err)
	}
	return c.got
}

func (c *crowd) want(lines ...string) {
	c.Helper()
	if got := c.read(); !slices.Equal(got, lines) {
		c.Errorf("read %q: want %q", got, lines)
	}
}

func TestAFolderIsFollowedByItsPattern(t *testing.T) {
	c := newCrowd(t, 3)
	c.want()
	c.write("0001.log", "one\n")
	c.write("other.txt", "not ours\n")
	c.write("new.log", "from its beginning\n")
	c.want("0001.log: one", "new.log: from its beginning")
	c.write("0001.log", "half")
	c.want()
	c.write("0001.log", " a line\n")
	c.want("0001.log: half a line")
}

// TestFewFilesAreOpen: of thousands only those that are written to are open, and none of
// their lines is lost or read twice.
func TestFewFilesAreOpen(t *testing.T) {
	c := newCrowd(t, 3*maxOpen)
	c.read()
	var want []string
	for round := range 3 {
		want = nil
		for i := range 3 * maxOpen {
			name := fmt.Sprintf("%04d.log", i)
			c.write(name, fmt.Sprintf("line %d\n", round))
			want = append(want, fmt.Sprintf("%s: line %d", name, round))
		}
		c.want(want...)
		if c.f.Open() > maxOpen || c.f.Files() != 3*maxOpen {
			t.Fatalf("%d of %d files are open", c.f.Open(), c.f.Files())
		}
	}
}

// TestWhatNobodyToldIsFound: news may be lost; a look at the folder finds what has grown,
// what is new and what was put in the place of another.
func TestWhatNobodyToldIsFound(t *testing.T) {
	c := newCrowd(t, 2*maxOpen)
	for i := range 2 * maxOpen {
		c.write(fmt.Sprintf("%04d.log", i), "x\n") // all were open once
	}
	c.read()
	f := c.f
	c.f = nil // nobody tells
	c.write("0000.log", "grown\n")
	c.write("late.log", "late\n")
	rename := func(from, to string) {
		if err := os.Rename(filepath.Join(c.dir, from), filepath.Join(c.dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	rename("0001.log", "0001.old")
	c.write("0001.log", "in its place\n")
	c.f = f
	c.f.noted("")
	c.want("0000.log: grown", "0001.log: in its place", "late.log: late")
}

func TestFilesThatGoAreForgotten(t *testing.T) {
	c := newCrowd(t, 5)
	c.write("0002.log", "x\n")
	c.read()
	if err := os.Remove(filepath.Join(c.dir, "0002.log")); err != nil {
		t.Fatal(err)
	}
	c.f.noted("")
	c.want()
	if c.f.Files() != 4 || c.f.Open() != 0 {
		t.Errorf("%d files are known, %d open", c.f.Files(), c.f.Open())
	}
}
