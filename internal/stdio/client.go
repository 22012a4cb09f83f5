package stdio

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/procs"
)

const (
	// keepAfter is how long a run must last before a process of its own keeps its streams, and
	// how long until that is tried again.
	keepAfter = 400 * time.Millisecond
	// wordsFor is how long what a run wrote at last may take to be recorded.
	wordsFor = 250 * time.Millisecond

	socketFile, recordFile = "stdio.sock", "stdin.record"
)

// Options say what a wrapped command is wrapped in.
type Options struct {
	// In, Out and Err are our own; nil for none.
	In, Out, Err *os.File
	// Live gives every run our own input instead of a record of it.
	Live bool
	// Calls says that the command is a server of JSON-RPC: its client is told of requests that a run
	// has left unanswered. It needs live input.
	Calls bool
	// Bound is how many bytes of input are recorded at most.
	Bound int64
	// TTY says whether runs get a terminal.
	TTY TTY
	// Suspend stops the run and us, and returns when we go on.
	Suspend func()
	// Dir takes the record and the socket, Spools the files that detectors read: of the output,
	// and of the errors.
	Dir    string
	Spools [2]string
	// Keep starts the process that keeps the streams; its input is the listener.
	Keep func(listener *os.File) error
	// Changed asks for news of a file, until stop.
	Changed func(path string, ch chan<- struct{}) (stop func())
}

// TTY says whether runs get a terminal of their own.
type TTY int

const (
	// TTYWhereWeHave gives them one when both our input and our output are one.
	TTYWhereWeHave TTY = iota
	TTYAlways
	TTYNever
)

// Names of the streams.
var names = [2]string{"stdout", "stderr"}

// Client gives the runs of one wrapped command their streams. Its methods are safe for
// concurrent use.
type Client struct {
	o      Options
	out    [2]kind
	in     kind
	joined bool
	// tty says that runs get a terminal.
	tty  bool
	taps [2]*tap
	book book

	mu sync.Mutex // guards everything below
	// local copies in our process, remote in another one; one of them is nil.
	local  *server
	remote *talk
	gone   chan struct{}
	// begins is where a regular input begins.
	begins int64
	last   int
	// was is how our terminal was before the present run.
	was *unix.Termios
}

// New makes ready to give runs their streams. Nothing may be read of the input before.
func New(o Options) *Client {
	c := &Client{o: o, in: kindOf(o.In), gone: make(chan struct{})}
	st, cmd := state{}, command{}
	c.joined = same(o.Out, o.Err)
	c.tty = o.TTY == TTYAlways || o.TTY == TTYWhereWeHave && c.in == terminal && kindOf(o.Out) == terminal
	if c.tty && c.in == terminal {
		cmd.with("terminal", duplicate(o.In))
		st.Mode, _ = unix.IoctlGetTermios(int(descriptor(o.In)), getTermios)
	}
	for i, f := range []*os.File{o.Out, o.Err} {
		c.out[i] = kindOf(f)
		switch {
		case i == 1 && !c.copied(1) && c.out[i] != plain, c.out[i] == device && !c.copied(i):
		case c.out[i] == plain && !c.copied(i) && !(i == 1 && c.joined):
			c.taps[i] = newTap(f, o.Spools[i], o.Changed)
		default:
			st.Streams = append(st.Streams, streamState{Name: names[i], Spool: o.Spools[i]})
			if c.out[i] != none {
				cmd.with(names[i], duplicate(f))
			}
		}
	}
	if c.in == plain {
		c.begins = offsetOf(o.In)
	}
	if c.fed() {
		st.Input = &inputState{Bound: o.Bound}
		cmd.with("stdin", duplicate(o.In))
		if o.Live {
			st.Calls = &callsState{}
		} else if record, err := c.openRecord(); err == nil {
			cmd.with("record", record)
		} else {
			st.Input.Lost = err.Error()
		}
	}
	c.local = newServer(st, cmd, c.note)
	return c
}

// openRecord makes the file that takes what runs have read. It has no name: it goes when
// nobody has it open any more.
func (c *Client) openRecord() (*os.File, error) {
	path := filepath.Join(c.o.Dir, recordFile)
	_ = os.Remove(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot record the input: %w", err)
	}
	return f, os.Remove(path)
}

// Begin makes the streams of a run.
func (c *Client) Begin(run int) (procs.Stdio, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var s procs.Stdio
	cmd := command{Op: opRun, Run: run}
	for i, f := range []*os.File{c.o.Out, c.o.Err} {
		if !c.copied(i) {
			if i == 1 && (c.joined || c.out[1] == terminal) && c.copied(0) {
				f = s.Files[1]
			}
			s.Files[i+1] = f
			continue
		}
		if err := c.output(i, &s, &cmd); err != nil {
			return s, c.failed(s, cmd, err)
		}
	}
	if err := c.input(&s, &cmd); err != nil {
		return s, c.failed(s, cmd, err)
	}
	c.book.open(run, [2]bool{c.copied(0), c.copied(1)})
	c.last = run
	for _, t := range c.taps {
		if t != nil {
			t.begin()
		}
	}
	c.rawTerminal()
	if err := c.do(cmd); err != nil {
		return s, c.failed(s, cmd, err)
	}
	if c.local != nil && len(cmd.Files) > 0 {
		time.AfterFunc(keepAfter, func() { c.keep(run) })
	}
	return s, nil
}

// output makes the pipe, or the terminal, of a stream.
func (c *Client) output(i int, s *procs.Stdio, cmd *command) error {
	if c.tty && i == 0 {
		return c.terminal(s, cmd)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.with(names[i]+".run", r)
	s.Own(i+1, w)
	return nil
}

// copied reports that a stream goes through a pipe of its own.
func (c *Client) copied(i int) bool {
	if i == 1 && (c.joined && c.out[1] != none || c.tty && c.out[1] == terminal) {
		return false
	}
	if i == 0 && c.tty {
		return true
	}
	return c.out[i] == flow || c.out[i] == terminal || c.out[i] == none
}

// fed reports that the input goes through a pipe of its own.
func (c *Client) fed() bool { return c.in == flow && canPeek && (!c.o.Live || c.o.Calls) }

// input gives a run what it reads.
func (c *Client) input(s *procs.Stdio, cmd *command) error {
	switch {
	case c.tty && (c.in == terminal || c.in == none):
		s.Files[0] = s.Files[1]
		return nil
	case c.in == none:
		return nil
	case c.in == plain && !c.o.Live:
		seekTo(c.o.In, c.begins)
	case c.fed():
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		cmd.with("stdin.run", w)
		s.Own(0, r)
		return nil
	}
	s.Files[0] = c.o.In
	return nil
}

func (c *Client) failed(s procs.Stdio, cmd command, err error) error {
	s.Close()
	closeAll(cmd.files)
	return fmt.Errorf("cannot make the streams of a run: %w", err)
}

// do has a command carried out, here or by the keeper.
func (c *Client) do(cmd command) error {
	if c.local != nil {
		c.local.do(cmd)
		return nil
	}
	if err := c.remote.send(cmd, cmd.files); err != nil {
		return err
	}
	closeAll(cmd.files)
	return nil
}

// keep hands the streams to a process of its own, when the run still goes on.
func (c *Client) keep(run int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.local == nil || c.last != run || !c.local.busy() {
		return
	}
	again := func() { time.AfterFunc(keepAfter, func() { c.keep(run) }) }
	t, err := c.startKeeper()
	if err != nil {
		return // it goes on here
	}
	cmd, ok := c.local.handOver()
	if !ok {
		t.conn.Close()
		again()
		return
	}
	if err := t.send(cmd, cmd.files); err != nil { // go on here
		c.local = newServer(*cmd.State, cmd, c.note)
		t.conn.Close()
		return
	}
	closeAll(cmd.files)
	c.local, c.remote = nil, t
	go c.listen(t)
}

func (c *Client) startKeeper() (*talk, error) {
	path := filepath.Join(c.o.Dir, socketFile)
	_ = os.Remove(path)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot keep streams: %w", err)
	}
	defer l.Close()
	l.SetUnlinkOnClose(false)
	f, err := l.File()
	if err != nil {
		return nil, fmt.Errorf("cannot keep streams: %w", err)
	}
	defer f.Close()
	if err := c.o.Keep(f); err != nil {
		return nil, err
	}
	return dial(path)
}

func dial(path string) (*talk, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot reach who keeps the streams: %w", err)
	}
	return &talk{conn: conn}, nil
}

func (c *Client) listen(t *talk) {
	for {
		var e Event
		if _, err := t.receive(&e); err != nil {
			close(c.gone)
			return
		}
		c.note(e)
	}
}
