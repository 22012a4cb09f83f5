package stdio

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// state is what a server that takes over must know.
type state struct {
	Streams []streamState `json:"streams"`
	Input   *inputState   `json:"input,omitempty"`
	// Calls are the JSON-RPC requests that wait; nil where none are looked for.
	Calls *callsState `json:"calls,omitempty"`
	// Mode is how our terminal was before it was made to pass everything on.
	Mode *unix.Termios `json:"mode,omitempty"`
	// Run is the present run.
	Run int `json:"run"`
}

type streamState struct {
	Name   string  `json:"name"`
	Spool  string  `json:"spool"`
	Broken bool    `json:"broken,omitempty"`
	Lost   int64   `json:"lost,omitempty"`
	Queue  []piece `json:"queue,omitempty"`
	Tail   []byte  `json:"tail,omitempty"`
}

type piece struct {
	Data []byte `json:"data,omitempty"`
	Ends int    `json:"ends,omitempty"`
}

type inputState struct {
	Taken int64  `json:"taken"`
	Bound int64  `json:"bound"`
	Lost  string `json:"lost,omitempty"`
	Given int64  `json:"given"`
}

// server copies the streams of one wrapped command. It runs in our process or in one of its
// own.
type server struct {
	streams []*stream
	in      *input
	calls   *calls
	// keys passes on what is typed; nil without a terminal.
	keys *relay
	mode *unix.Termios
	tell func(Event)

	mu  sync.Mutex // guards run
	run int
}

// newServer takes over where st says; the files are those of the state.
func newServer(st state, c command, tell func(Event)) *server {
	s := &server{tell: tell, run: st.Run, calls: newCalls(st.Calls)}
	for _, ss := range st.Streams {
		one := newStream(ss.Name, c.file(ss.Name), ss.Spool, tell)
		if ss.Name == names[0] {
			one.calls = s.calls
		}
		one.resume(ss, c.file(ss.Name+".run"), st.Run)
		s.streams = append(s.streams, one)
	}
	if st.Input != nil {
		s.in = newInput(c.file("stdin"), c.file("record"), st.Input.Taken, st.Input.Bound, st.Input.Lost, tell)
		s.in.calls = s.calls
		if sink := c.file("stdin.run"); sink != nil {
			_ = s.in.feed(st.Run, sink, st.Input.Given)
		}
	}
	if outer := c.file("terminal"); outer != nil {
		s.keys, s.mode = &relay{outer: outer, tell: tell}, st.Mode
		if inner := c.file("tty.run"); inner != nil {
			s.keys.begin(inner)
		}
	}
	for _, one := range s.streams {
		one.begin()
	}
	return s
}

// do carries out a command.
func (s *server) do(c command) {
	switch c.Op {
	case opRun:
		s.start(c)
	case opEnded:
		s.ended(c.Run)
	case opTake:
		s.take(c)
	case opSize, opResume:
		s.terminal(c.Op)
	}
}

// take goes on for another sidecar, and tells it of what there is no more to wait for.
func (s *server) take(c command) {
	if outer := c.file("terminal"); outer != nil && s.keys != nil && s.keys.inner != nil {
		s.keys.outer = outer
		s.terminal(opResume)
	}
	done := map[string]bool{names[0]: true, names[1]: true}
	for _, one := range s.streams {
		one.take(c.file(one.name))
		done[one.name] = !one.busy()
	}
	for _, name := range names {
		if done[name] {
			s.tell(Event{Kind: Recorded, Stream: name, Run: c.Run})
			s.tell(Event{Kind: Delivered, Stream: name, Run: c.Run})
		}
	}
}

func (s *server) start(c command) {
	s.mu.Lock()
	s.run = c.Run
	s.mu.Unlock()
	for _, one := range s.streams {
		if f := c.file(one.name + ".run"); f != nil {
			one.begun(f, c.Run)
		}
	}
	if f := c.file("tty.run"); f != nil && s.keys != nil {
		s.keys.begin(f)
	}
	if f := c.file("stdin.run"); f != nil && s.in != nil {
		if err := s.in.feed(c.Run, f, 0); err != nil {
			f.Close()
		}
	}
}

// terminal follows what becomes of our own.
func (s *server) terminal(op string) {
	if s.keys == nil || s.keys.inner == nil {
		return
	}
	s.keys.resize()
	if op == opResume {
		s.keys.end()
		s.keys.begin(s.keys.inner)
	}
}

// ended says that the leader of a run is gone.
func (s *server) ended(run int) {
	for _, one := range s.streams {
		one.ended(run)
	}
	if s.in != nil {
		s.in.end()
	}
	if s.keys != nil {
		s.keys.close()
	}
}

// abandon goes on without a sidecar.
func (s *server) abandon() {
	for _, one := range s.streams {
		one.abandon()
	}
	if s.keys != nil { // the terminal belongs to somebody else now
		s.keys.end()
		restore(s.keys.outer, s.mode)
	}
}

// pauseFor is how long a write that is under way may hold a hand-over up.
const pauseFor = 50 * time.Millisecond

// handOver stops everything where it is and tells how to go on. It reports false, and goes on
// itself, when a reader does not let go of a write.
func (s *server) handOver() (command, bool) {
	for _, one := range s.streams {
		if !one.pause(pauseFor) {
			for _, other := range s.streams {
				other.unpause()
			}
			return command{}, false
		}
	}
	s.mu.Lock()
	st := &state{Run: s.run}
	s.mu.Unlock()
	c := command{Op: opState, Run: st.Run, State: st}
	for _, one := range s.streams {
		ss, source := one.handOver()
		st.Streams = append(st.Streams, ss)
		c.with(one.name, one.dest)
		c.with(one.name+".run", source)
	}
	if s.in != nil {
		is, sink := s.in.handOver()
		st.Input = is
		c.with("stdin", s.in.source)
		c.with("record", s.in.record)
		c.with("stdin.run", sink)
	}
	st.Calls = s.calls.state()
	if s.keys != nil {
		s.keys.end()
		st.Mode = s.mode
		c.with("terminal", s.keys.outer)
		c.with("tty.run", s.keys.inner)
	}
	return c, true
}

// busy reports that a run writes, or that something waits for a reader.
func (s *server) busy() bool {
	for _, one := range s.streams {
		if one.busy() {
			return true
		}
	}
	return false
}

// closeAll closes files that another process has got.
func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
