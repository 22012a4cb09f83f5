package stdio

import (
	"os"
	"time"
)

// pause stops the writer between two writes. It reports false when the reader of the stream did
// not let that happen in time, or while two runs are read one after the other.
func (s *stream) pause(within time.Duration) bool {
	s.mu.Lock()
	s.pausing = true
	s.cond.Broadcast()
	s.mu.Unlock()
	select {
	case <-s.writer:
	case <-time.After(within):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pausing = s.paused
	if s.paused && s.open > 1 {
		s.begin()
	}
	return s.paused
}

// unpause goes on writing.
func (s *stream) unpause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused {
		s.begin()
	}
}

// handOver stops the reading of a paused stream and tells how to go on.
func (s *stream) handOver() (streamState, *os.File) {
	s.mu.Lock()
	s.halted = true
	s.cond.Broadcast()
	if s.source != nil {
		_ = s.source.SetReadDeadline(time.Unix(1, 0))
	}
	reading := s.reading
	s.mu.Unlock()
	<-reading
	s.mu.Lock()
	defer s.mu.Unlock()
	ss := streamState{Name: s.name, Spool: s.rec.path, Broken: s.broken, Lost: s.rec.lost, Tail: s.rec.tail}
	for _, c := range s.queue {
		ss.Queue = append(ss.Queue, piece{c.data, c.ends})
	}
	if s.rec.file != nil {
		s.rec.file.Close()
	}
	return ss, s.source
}

// resume goes on where another process has stopped.
func (s *stream) resume(ss streamState, source *os.File, run int) {
	s.broken, s.rec.lost, s.rec.tail = ss.Broken, ss.Lost, ss.Tail
	for _, p := range ss.Queue {
		s.queue = append(s.queue, chunk{p.Data, p.Ends})
		s.queued += len(p.Data)
	}
	if source != nil {
		_ = source.SetReadDeadline(time.Time{})
		s.follow(source, run, func() {})
	}
}

// take goes on with another reader; what was written to the one before is not written again.
func (s *stream) take(dest *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dest, s.broken, s.orphan = dest, false, false
}

// abandon says that nobody needs to know any more of a reader that is gone.
func (s *stream) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orphan = true
}

func (s *stream) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) > 0 || s.source != nil
}

// handOver stops feeding where it is. The feeder says how far it has come.
func (in *input) handOver() (*inputState, *os.File) {
	in.mu.Lock()
	in.moving = true
	in.mu.Unlock()
	in.end()
	is := &inputState{Taken: in.taken, Bound: in.bound, Lost: in.lost}
	if in.moved != nil {
		is.Given = in.moved.given
		return is, in.moved.sink
	}
	return is, nil
}
