package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

func opened(t *testing.T, dir string) *Journal {
	t.Helper()
	j, _, err := Open(dir, 0, func(heal.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	j.patience = 20 * time.Millisecond
	return j
}

func noteOf(n int) []heal.Event {
	return []heal.Event{{Kind: heal.EventNote, Note: fmt.Sprint("event ", n)}}
}

// TestAHungDiskHoldsNobodyUp: one append waits until the deadline, the next ones not at all, and
// nothing is lost when the disk answers again.
func TestAHungDiskHoldsNobodyUp(t *testing.T) {
	dir, hang := t.TempDir(), make(chan struct{})
	j := opened(t, dir)
	j.flush = func(f *os.File) error {
		<-hang
		return fdatasync(f)
	}
	if err := j.Append(noteOf(0), true); !errors.Is(err, ErrHung) {
		t.Fatalf("a disk that hangs: %v", err)
	}
	begun := time.Now()
	for n := 1; n <= 50; n++ {
		if err := j.Append(noteOf(n), n%2 == 0); !errors.Is(err, ErrHung) {
			t.Fatalf("append %d while the disk hangs: %v", n, err)
		}
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("50 appends took %s", took)
	}
	if _, err := j.Degraded(); !errors.Is(err, ErrHung) {
		t.Errorf("it is not called degraded: %v", err)
	}
	close(hang)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if notes, damaged := read(t, dir); len(notes) != 51 || damaged != 0 {
		t.Errorf("%d events, %d damaged", len(notes), damaged)
	}
}

// TestCloseSaysWhatIsLost when the disk takes nothing to the end.
func TestCloseSaysWhatIsLost(t *testing.T) {
	j := opened(t, t.TempDir())
	j.flush = func(*os.File) error { return syscall.EIO }
	_ = j.Append(noteOf(1), true)
	_ = j.Append(noteOf(2), true)
	if err := j.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("it closed with %v", err)
	}
}

// TestSegmentsAfterFailuresAreServedInOrder: each failed sync begins another segment at the same
// event, and what was acknowledged before is still served.
func TestSegmentsAfterFailuresAreServedInOrder(t *testing.T) {
	dir, failing := t.TempDir(), false
	j := opened(t, dir)
	j.flush = func(f *os.File) error {
		if failing {
			return syscall.EIO
		}
		return fdatasync(f)
	}
	want := []string{}
	for n := range 6 {
		want = append(want, fmt.Sprint("event ", n))
		failing = n%2 == 1
		_ = j.Append(noteOf(n), true)
		for range n { // nothing new comes between these
			_ = j.Sync()
		}
	}
	failing = false
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if notes, _ := read(t, dir); !slices.Equal(notes, want) {
		t.Errorf("served %v", notes)
	}
}

// TestAJournalThatWasRemovedIsWrittenAnew to its folder as soon as that is there.
func TestAJournalThatWasRemovedIsWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	if err := j.Append(noteOf(1), true); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(segmentOf(t, dir)); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(noteOf(2), true); err == nil {
		t.Error("a removed segment took an event")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if notes, _ := read(t, dir); !slices.Equal(notes, []string{"event 2"}) {
		t.Errorf("served %v", notes)
	}
}

// TestWhatIsNoSegmentIsDamage: a folder, a pipe or a link in place of a segment costs that one.
func TestWhatIsNoSegmentIsDamage(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"folder":  func(path string) error { return os.Mkdir(path, 0o700) },
		"pipe":    func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"link":    func(path string) error { return os.Symlink("/dev/zero", path) },
		"nothing": func(path string) error { return os.Symlink("nothing", path) },
	} {
		dir := t.TempDir()
		if err := put(filepath.Join(dir, segmentName(3))); err != nil {
			t.Fatal(err)
		}
		j := opened(t, dir)
		if err := j.Append(noteOf(1), true); err != nil {
			t.Errorf("beside a %s: %v", name, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if notes, damaged := read(t, dir); len(notes) != 1 || damaged != 1 {
			t.Errorf("beside a %s: %d events, %d damaged", name, len(notes), damaged)
		}
	}
}

// TestDamageIsBounded on the disk, and counted all the same.
func TestDamageIsBounded(t *testing.T) {
	dir := t.TempDir()
	line := append(make([]byte, 200<<10), '\n')
	f, err := os.Create(filepath.Join(dir, segmentName(1)))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := f.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	if _, damaged := read(t, dir); damaged != 200 {
		t.Errorf("%d damaged", damaged)
	}
	if info, err := os.Stat(filepath.Join(dir, damagedFile)); err != nil || info.Size() > maxAside {
		t.Errorf("the side file: %v, %v", info, err)
	}
}
