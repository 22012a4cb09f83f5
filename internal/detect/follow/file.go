package follow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
)

const (
	// readSize is how much is read at once.
	readSize = 64 << 10
	// headSize is how much of a file's beginning tells it from a refilled one.
	headSize = 64
)

// File follows one path. It belongs to one goroutine.
type File struct {
	path string
	// own marks an append-only file that we opened for the agent: it is never
	// truncated, and its consumed part may be released.
	own    bool
	file   *os.File
	offset int64
	// start is where an own file is begun; place keeps how far it was read, for a
	// sidecar that goes on after our death.
	start int64
	place *offsetFile
	times *times
	shelf *rotator
	// clerk writes down what is kept of the reading, and files away, on a disk that may hang; kept
	// is what was asked of it meanwhile, dropped what was known last.
	clerk   fsys.Patient
	kept    Keep
	dropped int64
	head    []byte
	lines   Lines
	pace    pace
	// closedIdle is the file that was closed because it was idle; it is gone on with where it
	// was left.
	closedIdle os.FileInfo
	// between finds what was renamed away between two looks; nil where that is not looked for.
	between *rotationScanner
	// queue are the files that are read after the present one, held open: their names may be
	// gone before it is their turn.
	queue []*os.File
	// behind says that reading stopped because of the pace, hasty that it does not count.
	behind, draining bool
}

// clerkWithin is how long reading waits for what is written down of it.
const clerkWithin = 300 * time.Millisecond

// buffers are shared by all followers: most of them have nothing to read.
var buffers = sync.Pool{New: func() any { b := make([]byte, readSize); return &b }}

// OpenOutput follows a file that we opened for the agent, from its beginning. What
// was read is kept as k says.
func OpenOutput(path string, k Keep) *File {
	return &File{
		path: path, own: true, clerk: fsys.Patient{Within: clerkWithin}, kept: k,
		place: &offsetFile{path: path + placeSuffix}, times: &times{path: path + timesSuffix}, shelf: &rotator{path: path, keep: k},
	}
}

// Open follows a file of the agent. It starts at the present end, because what was
// written before tells nothing about now. A file that does not exist yet is waited
// for.
func Open(path string) *File {
	f := &File{path: path, between: newBetween(path)}
	if file, err := fsys.OpenRegular(path); err == nil {
		f.take(file)
		f.offset, _ = file.Seek(0, io.SeekEnd)
		f.mark()
	}
	return f
}

// Resume goes on where an earlier sidecar stopped reading. It must be called before
// the first Read.
func (f *File) Resume() { f.start = f.place.last() }

// Path is the followed path.
func (f *File) Path() string { return f.path }

// Part is empty: all lines are of one file.
func (f *File) Part() string { return "" }

// Subscribe asks a watcher for news of the file.
func (f *File) Subscribe(w *Watcher, ch chan<- struct{}) { w.Subscribe(f.path, ch) }

// Unsubscribe ends that.
func (f *File) Unsubscribe(w *Watcher, ch chan<- struct{}) { w.Unsubscribe(f.path, ch) }

// Unfinished is the line that has no end yet; it is valid until the next Read.
func (f *File) Unfinished() []byte { return f.lines.Unfinished() }

// Cut counts the lines that were too long to be kept whole.
func (f *File) Cut() int { return f.lines.Cut }

// openIfThere opens a log; nil when it does not exist yet.
func openIfThere(path string) (*os.File, error) {
	file, err := fsys.OpenRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return file, err
}

func (f *File) take(file *os.File) {
	f.file, f.offset, f.head = file, 0, nil
	if f.shelf != nil && f.clerk.Free() {
		f.shelf.released = kernel.FirstData(file)
	}
}

// Read hands out all lines that are complete by now, in blocks. It notices when the file
// was renamed, truncated or replaced, and then reads the old one to its end
// first.
func (f *File) Read(each func([]byte)) error {
	for {
		if f.file == nil {
			file, err := openIfThere(f.path)
			if err != nil || file == nil {
				return err
			}
			f.reopen(file)
		}
		f.rewind(each)
		if err := f.toEnd(each); err != nil {
			return err
		}
		again, err := f.replaced(each)
		if err != nil || !again {
			return err
		}
	}
}

// reopen takes a file whose path was opened: from its beginning, or where it was left.
func (f *File) reopen(file *os.File) {
	offset, head := f.offset, f.head
	f.take(file)
	f.offset, f.start = f.start, 0
	if info, err := file.Stat(); err == nil && f.closedIdle != nil && os.SameFile(info, f.closedIdle) {
		f.offset, f.head = offset, head
	}
	f.closedIdle = nil
}

// park closes a file that is idle.
func (f *File) park() {
	if f.file != nil {
		f.closedIdle, _ = f.file.Stat()
		f.file.Close()
		f.file = nil
	}
}

// Drain is Read for a writer that has ended: an unfinished line counts too.
func (f *File) Drain(each func([]byte)) error {
	f.draining = true
	err := f.Read(each)
	f.draining = false
	f.lines.Flush(each)
	return err
}

func (f *File) toEnd(each func([]byte)) error {
	pooled := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	buf := *pooled
	f.behind = false
	for {
		if !f.draining && !f.pace.may(time.Now()) {
			return f.slow()
		}
		n, err := f.file.ReadAt(buf, f.offset)
		f.offset += int64(n)
		f.pace.left -= int64(n)
		f.lines.Write(buf[:n], each)
		f.taken()
		if errors.Is(err, io.EOF) {
			f.mark()
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read log %s: %w", f.path, err)
		}
	}
}

// taken notes how far an output file was read. A disk that hangs holds no reading up.
func (f *File) taken() {
	if !f.own {
		return
	}
	now, read := time.Now(), f.offset-int64(f.lines.Pending())
	offset, keep := f.offset, f.kept
	f.clerk.Do(func() {
		if f.place.keep(read) {
			f.times.note(offset, now)
		}
		if f.shelf != nil {
			f.shelf.keep = keep
		}
		f.shelf.look(offset, now)
	})
}

// Keep changes how much of what was read stays on the disk.
func (f *File) Keep(k Keep) { f.kept = k }

// Dropped is how many bytes of consumed output were released without being filed
// away, and why the disk is not given back; empty when it is.
func (f *File) Dropped() (n int64, fault string) {
	switch {
	case f.shelf == nil:
		return 0, ""
	case !f.clerk.Free():
		return f.dropped, fsys.ErrHung.Error()
	}
	f.dropped = f.shelf.dropped
	return f.dropped, f.shelf.fault
}

// replaced reports whether the path leads to other bytes than those that were
// read, and gets ready to read them from their beginning.
func (f *File) replaced(each func([]byte)) (bool, error) {
	if f.own {
		return f.removed(each)
	}
	if len(f.queue) > 0 {
		err := f.toEnd(each)
		f.next(each)
		return true, err
	}
	now, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // renamed or deleted: its writer may still go on with it
	}
	if err != nil {
		return false, fmt.Errorf("cannot follow log %s: %w", f.path, err)
	}
	ours, err := f.file.Stat()
	if err != nil {
		return false, fmt.Errorf("cannot follow log %s: %w", f.path, err)
	}
	if os.SameFile(now, ours) {
		return false, nil
	}
	f.lineUp(ours.ModTime())
	err = f.toEnd(each) // what came between the last read and the rename
	f.next(each)
	return true, err
}

// removed goes on with another file where somebody has removed an output file: the next run writes
// to a new one.
func (f *File) removed(each func([]byte)) (bool, error) {
	info, err := f.file.Stat()
	if err != nil || !fsys.Unlinked(info) {
		return false, nil
	}
	if _, err := os.Lstat(f.path); err != nil {
		return false, nil // its writer may still go on with it
	}
	err = f.toEnd(each)
	f.next(each)
	return true, err
}

// lineUp opens what is to be read after the present file, which was written to last at a
// time: first what lies at the path now, because it may be renamed away in a moment, and
// then what lay there before it.
func (f *File) lineUp(written time.Time) {
	at, err := openIfThere(f.path)
	if err != nil {
		return // the next look says so
	}
	if f.between != nil {
		f.queue = f.between.after(f.file, at, written, f.head)
	}
	switch {
	case at == nil:
	case len(f.queue) == queueMost:
		at.Close() // there may be more that lay there before it
	default:
		f.queue = append(f.queue, at)
	}
}

// next goes on with the next file in the queue, or with what will lie at the path.
func (f *File) next(each func([]byte)) {
	f.lines.Flush(each)
	f.file.Close()
	if f.file = nil; len(f.queue) > 0 {
		f.take(f.queue[0])
		f.queue = f.queue[1:]
	}
}

// rewind goes back to the beginning of a file that was truncated since the last
// read: it is shorter than our place, or grew past it again and begins with
// other bytes.
func (f *File) rewind(each func([]byte)) {
	if f.own {
		return
	}
	info, err := f.file.Stat()
	if err == nil && (info.Size() < f.offset || !beginsWith(f.file, f.head)) {
		f.lines.Flush(each)
		f.offset, f.head = 0, nil
	}
}

// beginsWith compares what a file begins with now.
func beginsWith(file *os.File, head []byte) bool {
	now := make([]byte, len(head))
	n, _ := file.ReadAt(now, 0)
	return bytes.Equal(now[:n], head)
}

// mark remembers what the file begins with.
func (f *File) mark() {
	if known := min(f.offset, headSize); !f.own && int64(len(f.head)) < known {
		f.head = make([]byte, known)
		n, _ := f.file.ReadAt(f.head, 0)
		f.head = f.head[:n]
	}
}

// Close stops following.
func (f *File) Close() {
	for _, file := range f.queue {
		file.Close()
	}
	f.queue = nil
	if f.own {
		f.clerk.Do(func() {
			f.shelf.stop(time.Now())
			f.place.close()
			f.times.close()
		})
	}
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}
