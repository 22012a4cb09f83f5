package stdio

import (
	"os"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/procs"
)

// Interactive reports that runs are shown on our own terminal: nothing else may be written there.
func (c *Client) Interactive() bool { return c.tty && c.in == terminal }

// Interrupted reports that a person has just told the run to end, by its keyboard.
func (c *Client) Interrupted() bool { return c.book.interrupted() }

// terminal makes one for a run: like ours where we have one, and as large.
func (c *Client) terminal(s *procs.Stdio, cmd *command) error {
	keeper, run, err := procs.OpenTTY()
	if err != nil {
		return err
	}
	defer keeper.Close()
	if c.in == terminal {
		copyMode(c.o.In, run)
		copySize(c.o.In, run)
	}
	for _, name := range []string{names[0] + ".run", "tty.run"} {
		if name == "tty.run" && c.in != terminal {
			continue
		}
		if one := pollable(keeper); one != nil {
			cmd.with(name, one)
		}
	}
	s.Own(1, run)
	s.TTY = true
	return nil
}

// pollable opens a file once more in such a way that reading it can be given up.
func pollable(f *os.File) *os.File {
	fd, err := unix.FcntlInt(descriptor(f), unix.F_DUPFD_CLOEXEC, lowestCopy)
	if err != nil {
		return nil
	}
	_ = unix.SetNonblock(fd, true)
	return os.NewFile(uintptr(fd), f.Name())
}

// rawTerminal hands our terminal to a run, calmTerminal takes it back. c.mu is held.
func (c *Client) rawTerminal() {
	if c.Interactive() && c.was == nil {
		c.was = raw(c.o.In)
	}
}

func (c *Client) calmTerminal() {
	if c.was != nil {
		restore(c.o.In, c.was)
		c.was = nil
	}
}

// Resized says that our terminal has another size. It reports false when runs do not use it.
func (c *Client) Resized() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.Interactive() {
		return false
	}
	_ = c.do(command{Op: opSize})
	return true
}

// note takes an event into account.
func (c *Client) note(e Event) {
	if e.Kind == Suspended {
		go c.suspend()
		return
	}
	c.book.note(e)
}

// suspend gives the terminal back to who started us, until we are told to go on.
func (c *Client) suspend() {
	c.mu.Lock()
	c.calmTerminal()
	c.mu.Unlock()
	c.o.Suspend()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rawTerminal()
	_ = c.do(command{Op: opResume})
}
