package follow

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scene is a log file and what was read of it.
type scene struct {
	t    *testing.T
	path string
	f    *File
	got  []string
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, path: filepath.Join(t.TempDir(), "log")}
	s.write("old\n")
	s.f = Open(s.path)
	t.Cleanup(s.f.Close)
	return s
}

func (s *scene) write(text string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) take(block []byte) {
	for line := range Split(block) {
		s.got = append(s.got, string(line))
	}
}

func (s *scene) read() {
	s.t.Helper()
	if err := s.f.Read(s.take); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) want(lines ...string) {
	s.t.Helper()
	if !slices.Equal(s.got, lines) {
		s.t.Errorf("read %q: want %q", s.got, lines)
	}
}

func TestFollowStartsAtTheEnd(t *testing.T) {
	s := newScene(t)
	s.write("a\nhalf")
	s.read()
	s.write(" line\n")
	s.read()
	s.want("a", "half line")
}

func TestFollowRename(t *testing.T) {
	s := newScene(t)
	s.write("a\n")
	s.read()
	s.write("b\n")
	if err := os.Rename(s.path, s.path+".1"); err != nil {
		t.Fatal(err)
	}
	s.read()
	s.write("c\n")
	s.read()
	s.want("a", "b", "c")
}

func TestFollowLateWritesToTheRenamedFile(t *testing.T) {
	s := newScene(t)
	if err := os.Rename(s.path, s.path+".1"); err != nil {
		t.Fatal(err)
	}
	old := s.path
	s.path += ".1"
	s.write("late\n")
	s.read()
	s.path = old
	s.write("new\n")
	s.read()
	s.want("late", "new")
}

func TestFollowCopyTruncate(t *testing.T) {
	s := newScene(t)
	s.write("first long line\n")
	s.read()
	if err := os.Truncate(s.path, 0); err != nil {
		t.Fatal(err)
	}
	s.write("b\n")
	s.read()
	s.want("first long line", "b")
}

func TestFollowCopyTruncateRefilledPastOurPlace(t *testing.T) {
	s := newScene(t)
	s.write("a\n")
	s.read()
	if err := os.Truncate(s.path, 0); err != nil {
		t.Fatal(err)
	}
	s.write("another beginning, longer than before\n")
	s.read()
	s.want("a", "another beginning, longer than before")
}

func TestFollowDeleteAndCreate(t *testing.T) {
	s := newScene(t)
	s.write("a\n")
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	s.read()
	s.write("b\n")
	s.read()
	s.want("a", "b")
}

func TestFollowRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/etc/passwd", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, dir} {
		f := Open(path)
		if err := f.Read(func(b []byte) { t.Errorf("%s: read %q", path, b) }); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

func TestDrainTakesAnUnfinishedLine(t *testing.T) {
	s := newScene(t)
	s.write("last words")
	if err := s.f.Drain(s.take); err != nil {
		t.Fatal(err)
	}
	s.want("last words")
}

func TestLinesStayBounded(t *testing.T) {
	var l Lines
	var got []int
	each := func(b []byte) {
		for line := range Split(b) {
			got = append(got, len(line))
		}
	}
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 64 {
		l.Write(chunk, each)
	}
	l.Write([]byte("\nshort\r\n"), each)
	if !slices.Equal(got, []int{MaxLine, 5}) || l.Cut != 1 || cap(l.partial) > 4*MaxLine {
		t.Errorf("lengths %v, cut %d, buffer %d", got, l.Cut, cap(l.partial))
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a\nb\r\n\nc", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 {
			return
		}
		var l Lines
		var got []string
		each := func(b []byte) {
			for line := range Split(b) {
				got = append(got, string(line))
			}
		}
		for rest := []byte(text); len(rest) > 0; {
			n := min(size, len(rest))
			l.Write(rest[:n], each)
			rest = rest[n:]
		}
		l.Flush(each)
		want := strings.Split(text, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		for i := range want {
			want[i] = strings.TrimSuffix(want[i], "\r")
		}
		if len(text) < MaxLine && fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q: want %q", got, want)
		}
	})
}
