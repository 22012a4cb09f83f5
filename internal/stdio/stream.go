package stdio

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// chunkSize is how much is read at once, queueMost how much may wait for a slow reader. It is no
	// more than a pipe holds: a run must not end well that would have died of a reader who left.
	chunkSize, queueMost = 64 << 10, 64 << 10
	// urgentMost is how much more is taken of a run that has ended: its last words.
	urgentMost = 2 << 20
)

type chunk struct {
	data []byte
	// ends is the run whose last byte comes before; 0 for none.
	ends int
}

var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// chunkBuffer is a buffer of chunkSize bytes; recycle gives it back.
func chunkBuffer() []byte { return chunks.Get().(*[chunkSize]byte)[:] }

// recycle gives a buffer back. One that came from another process may be smaller than a chunk.
func recycle(b []byte) {
	if cap(b) >= chunkSize {
		chunks.Put((*[chunkSize]byte)(b[:chunkSize]))
	}
}

// stream copies one output of all runs, one after the other, to one descriptor.
type stream struct {
	name string
	// tell is told what happens; it must not block.
	tell func(Event)
	// calls is told what a run has written.
	calls *calls

	mu   sync.Mutex // guards everything below
	cond *sync.Cond
	dest *os.File
	rec  *recorder
	// queue is what was read and not written yet, queued its bytes.
	queue  []chunk
	queued int
	// source is the pipe of the present run, run its number; nil for none. open counts the
	// pipes that are not read to their end.
	source *os.File
	run    int
	open   int
	// urgent says that the run has ended, broken that dest takes no more, orphan that nobody is
	// left to be told of a reader that is gone.
	urgent, broken, orphan bool
	// pausing asks the writer to stop, paused says that it has; halted asks the reader to.
	pausing, paused, halted bool
	// writing says that a chunk was taken out of the queue and is not written yet.
	writing bool
	// reading is closed when the last run's pipe is read to its end, writer when nothing is
	// written any more.
	reading, writer chan struct{}
}

func newStream(name string, dest *os.File, spool string, tell func(Event)) *stream {
	s := &stream{name: name, tell: tell, dest: dest, rec: newRecorder(spool)}
	s.cond = sync.NewCond(&s.mu)
	s.reading = make(chan struct{})
	close(s.reading)
	return s
}

// begin starts the writing.
func (s *stream) begin() {
	s.writer, s.pausing, s.paused = make(chan struct{}), false, false
	go s.write(s.writer)
}

// strayFor is how long a pipe is read on that something holds open which is no part of the
// run, once the next run begins.
const strayFor = time.Second

// begun copies from the pipe of a run that begins, after all of the run before and the errors for
// what that has left unanswered.
func (s *stream) begun(source *os.File, run int) {
	s.follow(source, run, func() {
		if errors := s.calls.answers(run); len(errors) > 0 {
			s.push(chunk{data: errors})
		}
	})
}

// follow copies from the pipe of a run, after all of the run before; first comes in between.
func (s *stream) follow(source *os.File, run int, first func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source != nil {
		_ = s.source.SetReadDeadline(time.Now().Add(strayFor))
	}
	if s.broken {
		source.Close()
	}
	s.open++
	before, now := s.reading, make(chan struct{})
	s.source, s.run, s.urgent, s.reading = source, run, false, now
	go func() {
		defer close(now)
		<-before
		first()
		s.read(source, run)
	}()
}

// read copies to the queue until the run has closed its end.
func (s *stream) read(source *os.File, run int) {
	for s.room() {
		buf := chunkBuffer()
		n, err := source.Read(buf)
		if n > 0 {
			s.rec.write(buf[:n], time.Now())
			s.calls.wrote(buf[:n])
			s.push(chunk{data: buf[:n]})
		} else {
			recycle(buf)
		}
		if err == nil {
			continue
		}
		if s.over(source, err) {
			s.rec.flush()
			s.tell(Event{Kind: Recorded, Stream: s.name, Run: run, Lost: s.rec.lost, Fault: s.rec.fault})
			s.push(chunk{ends: run})
		}
		return
	}
}

// over closes a pipe that was read to its end. It reports false for one that is handed over.
func (s *stream) over(source *os.File, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.halted && errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	source.Close()
	s.open--
	if s.source == source {
		s.source = nil
	}
	return true
}

// room waits until there is room in the queue. It reports false when the reading is to be handed
// over.
func (s *stream) room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.queued >= queueMost && !s.broken && !s.halted && !(s.urgent && s.queued < urgentMost) {
		s.cond.Wait()
	}
	return !s.halted
}

func (s *stream) push(c chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.queue) - 1
	if last >= 0 && c.ends == 0 && s.queue[last].ends == 0 && len(s.queue[last].data)+len(c.data) <= chunkSize {
		s.queue[last].data = append(s.queue[last].data, c.data...)
		s.queued += len(c.data)
		recycle(c.data)
		return
	}
	s.queue = append(s.queue, c)
	s.queued += len(c.data)
	s.cond.Broadcast()
}

// write writes what is queued, until the copying is handed over.
func (s *stream) write(done chan struct{}) {
	defer close(done)
	for {
		c, dest, ok := s.pop()
		if !ok {
			return
		}
		if c.ends > 0 {
			s.tell(Event{Kind: Delivered, Stream: s.name, Run: c.ends})
			continue
		}
		var err error
		if dest != nil {
			err = writeAll(dest, c.data)
		}
		recycle(c.data)
		s.wrote(err)
	}
}

// pop waits for the next chunk.
func (s *stream) pop() (chunk, *os.File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && !s.pausing {
		s.cond.Wait()
	}
	if s.paused = s.pausing; s.paused {
		return chunk{}, nil, false
	}
	c := s.queue[0]
	s.queue = s.queue[1:]
	s.queued -= len(c.data)
	s.cond.Broadcast()
	s.writing = c.ends == 0
	if s.broken {
		return c, nil, true
	}
	return c, s.dest, true
}

// wrote takes the result of a write. A reader that is gone is gone for the run too.
func (s *stream) wrote(err error) {
	s.mu.Lock()
	s.writing = false
	if err == nil || s.broken {
		s.mu.Unlock()
		return
	}
	if s.orphan { // the run goes on without anybody who reads it
		s.dest = nil
		s.mu.Unlock()
		return
	}
	s.broken = true
	if s.source != nil {
		s.source.Close()
	}
	s.cond.Broadcast()
	s.mu.Unlock()
	s.tell(Event{Kind: Broken, Stream: s.name, Fault: errnoText(err)})
}

// settled reports that all that the run has written has reached its reader.
func (s *stream) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken || len(s.queue) == 0 && !s.writing && (s.source == nil || filled(s.source) == 0)
}

// ended says that the leader of the run is gone: what it left in the pipe is taken at once.
func (s *stream) ended(run int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == run {
		s.urgent = true
		s.cond.Broadcast()
	}
}

// writeAll writes to a descriptor that others share: it is never made to block or not to.
func writeAll(f *os.File, b []byte) error {
	fd := int(descriptor(f))
	for len(b) > 0 {
		n, err := unix.Write(fd, b)
		switch {
		case err == nil:
			b = b[n:]
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
		default:
			return err
		}
	}
	return nil
}

func errnoText(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	if errors.Is(err, io.ErrClosedPipe) {
		return "EPIPE"
	}
	return err.Error()
}
