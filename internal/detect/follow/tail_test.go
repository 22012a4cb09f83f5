package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func texts(lines []Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, string(l.Text))
	}
	return strings.Join(all, ",")
}

func TestTailGivesTheLastLinesAndThenTheNext(t *testing.T) {
	s := &scene{t: t, path: filepath.Join(t.TempDir(), "out")}
	tail, lines, err := Last(s.path, 2)
	if err != nil || len(lines) != 0 {
		t.Fatalf("a missing file gave %v, %v", lines, err)
	}
	s.write("a\nb\nc\nhalf")
	if lines, err = tail.More(); err != nil || texts(lines) != "a,b,c" {
		t.Errorf("got %s, %v", texts(lines), err)
	}
	s.write(" line\n")
	if lines, err = tail.More(); err != nil || texts(lines) != "half line" {
		t.Errorf("got %s, %v", texts(lines), err)
	}
	s.write("no end")
	if rest := tail.Rest(); texts(rest) != "no end" || len(tail.Rest()) != 0 {
		t.Errorf("the rest is %s", texts(rest))
	}
	s.write("\n")
	tail.Close()
	again, lines, err := Last(s.path, 2)
	if err != nil || texts(lines) != "half line,no end" {
		t.Errorf("got %s, %v", texts(lines), err)
	}
	again.Close()
}

func TestLinesKnowWhenTheyCame(t *testing.T) {
	s := &scene{t: t, path: filepath.Join(t.TempDir(), "out")}
	s.f = OpenOutput(s.path, Keep{Size: 1 << 20})
	defer s.f.Close()
	s.write("one\n")
	before := time.Now()
	s.read()
	s.f.times.last = time.Time{}
	s.write("two\n")
	s.read()
	_, lines, err := Last(s.path, 10)
	if err != nil || len(lines) != 2 {
		t.Fatalf("got %v, %v", lines, err)
	}
	for _, l := range lines {
		if l.At.Before(before) || l.At.After(time.Now()) {
			t.Errorf("%s came at %s", l.Text, l.At)
		}
	}
}

func TestTimesStayBounded(t *testing.T) {
	ts := &times{path: filepath.Join(t.TempDir(), "out"+timesSuffix)}
	at := time.Unix(1, 0)
	for i := range 3 * maxTimes {
		at = at.Add(timesEvery)
		ts.note(int64(i), at)
	}
	ts.close()
	info, err := os.Stat(ts.path)
	if err != nil || info.Size() > maxTimes*entrySize {
		t.Errorf("%v, %v", info.Size(), err)
	}
	if got := readTimes(strings.TrimSuffix(ts.path, timesSuffix)).of(3*maxTimes - 1); !got.Equal(at) {
		t.Errorf("the last entry is of %s: want %s", got, at)
	}
}

func FuzzTail(f *testing.F) {
	f.Add([]byte("a\n\x00\x00b\n"), 3)
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		path := filepath.Join(t.TempDir(), "out")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		n = min(max(n, 0), 100)
		tail, lines, err := Last(path, n)
		if err != nil || len(lines) > n {
			t.Fatal(fmt.Sprint(len(lines), err))
		}
		tail.Close()
	})
}
