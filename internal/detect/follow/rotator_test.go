package follow

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const piece = 256 << 10

// output is an output file that an agent holds open forever.
type output struct {
	t    *testing.T
	path string
	w    *os.File
	f    *File
	n    int
}

func newOutput(t *testing.T, k Keep) *output {
	o := &output{t: t, path: filepath.Join(t.TempDir(), "out")}
	w, err := os.OpenFile(o.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	o.w, o.f = w, OpenOutput(o.path, k)
	t.Cleanup(func() { o.f.Close(); w.Close() })
	o.print(1)
	if o.f.shelf.release(1); o.f.shelf.fault != "" {
		t.Skipf("this file system gives no room back: %s", o.f.shelf.fault)
	}
	return o
}

// print writes numbered lines and lets them be read.
func (o *output) print(size int) {
	o.t.Helper()
	for done := 0; done < size; o.n++ {
		n, err := fmt.Fprintf(o.w, "line %d of the output of an agent\n", o.n)
		if err != nil {
			o.t.Fatal(err)
		}
		done += n
	}
	if err := o.f.Read(func([]byte) {}); err != nil {
		o.t.Fatal(err)
	}
}

// file lets the job that is under way end, and looks again without the rest that it
// would have to take.
func (o *output) file() {
	if j := o.f.shelf.job; j != nil {
		o.f.shelf.ended(<-j.done, time.Now())
	}
	o.f.shelf.rest = time.Time{}
}

// kept are all lines on the disk, the oldest first.
func (o *output) kept() []string {
	o.t.Helper()
	all := archives(o.path)
	var lines []string
	for _, n := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, o.lines(all[n])...)
	}
	return append(lines, o.lines(o.path)...)
}

func (o *output) lines(path string) []string {
	o.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			o.t.Fatal(err)
		}
	}
	var lines []string
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 64<<20)
	for scan.Scan() {
		lines = append(lines, strings.TrimLeft(scan.Text(), "\x00"))
	}
	return lines
}

func (o *output) onDisk() int64 {
	info, err := os.Stat(o.path)
	if err != nil {
		o.t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Blocks * 512
}

func TestOutputIsFiledAwayWithoutALoss(t *testing.T) {
	for _, compress := range []bool{true, false} {
		o := newOutput(t, Keep{Size: piece, Count: 100, Compress: compress})
		for range 20 {
			o.print(piece)
			o.file()
		}
		lines := o.kept()
		for i, line := range lines[1:] { // the first was released by the test itself
			if want := fmt.Sprintf("line %d of the output of an agent", i+1); line != want {
				t.Fatalf("compress %v: line %d is %q", compress, i+1, line)
			}
		}
		if len(lines) != o.n || len(archives(o.path)) < 15 {
			t.Errorf("compress %v: %d lines of %d in %d archives", compress, len(lines), o.n, len(archives(o.path)))
		}
		if size := o.onDisk(); size > (fileAt+1)*piece {
			t.Errorf("compress %v: %d bytes in the file itself", compress, size)
		}
		if n, fault := o.f.Dropped(); n != 0 || fault != "" {
			t.Errorf("dropped %d, %s", n, fault)
		}
	}
}

func TestArchivesAreBounded(t *testing.T) {
	o := newOutput(t, Keep{Size: piece, Count: 2, MaxAge: time.Hour})
	for range 10 {
		o.print(piece)
		o.file()
	}
	all := archives(o.path)
	if len(all) != 2 || all[lastNumber(o.path)] == "" {
		t.Errorf("kept %v", all)
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, name := range all {
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	prune(o.path, o.f.shelf.keep, time.Now())
	if left := archives(o.path); len(left) != 0 {
		t.Errorf("too old and still there: %v", left)
	}
}

func TestOutputThatComesTooFastIsDroppedAndCounted(t *testing.T) {
	o := newOutput(t, Keep{Size: piece, Count: 3, Compress: true})
	o.f.shelf.rest = time.Now().Add(time.Hour)
	o.print(10 * piece)
	dropped, _ := o.f.Dropped()
	if kept := o.f.offset - o.f.shelf.released; dropped == 0 || kept > dropAt*piece {
		t.Errorf("dropped %d, %d in the file", dropped, kept)
	}
	if o.onDisk() > (dropAt+1)*piece {
		t.Errorf("%d bytes on the disk", o.onDisk())
	}
}

func TestWhatCannotBeFiledAwayIsDroppedAllTheSame(t *testing.T) {
	o := newOutput(t, Keep{Size: piece, Count: 3})
	if err := os.Mkdir(o.path+".part", 0o700); err != nil {
		t.Fatal(err)
	}
	o.print(3 * piece)
	o.file()
	if dropped, _ := o.f.Dropped(); dropped < piece-MaxLine {
		t.Errorf("dropped %d", dropped)
	}
}

func TestAResumedOutputKnowsWhatWasReleased(t *testing.T) {
	o := newOutput(t, Keep{Size: piece, Count: 3})
	for range 5 {
		o.print(piece)
		o.file()
	}
	released := o.f.shelf.released
	o.f.Close()
	o.f = OpenOutput(o.path, o.f.shelf.keep)
	o.f.Resume()
	o.print(1)
	if got := o.f.shelf.released; got > released || got < released-4096 {
		t.Errorf("released %d: want %d", got, released)
	}
}

func TestSetAsideBeginsAnew(t *testing.T) {
	o := newOutput(t, Keep{Size: piece, Count: 1})
	for range 3 {
		o.print(1)
		SetAside(o.path, o.f.shelf.keep)
	}
	if _, err := os.Stat(o.path); err == nil || len(archives(o.path)) != 1 {
		t.Errorf("left %v", archives(o.path))
	}
}
