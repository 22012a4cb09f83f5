package stdio

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Heard returns when all that a run wrote can be read by detectors; its leader has ended.
func (c *Client) Heard(run int) {
	p := c.book.of(run)
	c.mu.Lock()
	local, remote := c.local, c.remote
	c.mu.Unlock()
	if local != nil {
		local.ended(run)
	} else if remote != nil {
		_ = remote.send(command{Op: opEnded, Run: run}, nil)
	}
	for _, t := range c.taps {
		if t != nil {
			t.drain()
		}
	}
	c.mu.Lock()
	c.calmTerminal()
	c.mu.Unlock()
	if p == nil {
		return
	}
	late := time.After(wordsFor)
	for _, recorded := range p.recorded {
		select {
		case <-recorded:
		case <-late:
			return
		case <-c.gone:
			return
		}
	}
}

const (
	// settleFor bounds how long readers are waited for, looksAlike is how many looks in a row must find
	// nothing: a byte may be between a pipe and the queue.
	settleFor, looksAlike = time.Second, 3
)

// Settle returns when all that a run which is stopped has written has reached its readers, or they do not
// take it. A keeper goes on by itself.
func (c *Client) Settle() {
	c.mu.Lock()
	local := c.local
	c.mu.Unlock()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	late := time.After(settleFor)
	for quiet := 0; local != nil && quiet < looksAlike; {
		quiet++
		for _, one := range local.streams {
			if !one.settled() {
				quiet = 0
			}
		}
		select {
		case <-look.C:
		case <-late:
			return
		}
	}
}

// Finish returns when everything has reached its readers, or stop is closed. There must be no
// run any more.
func (c *Client) Finish(stop <-chan struct{}) {
	p := c.book.of(0)
	for i := range names {
		if p == nil {
			break
		}
		select {
		case <-p.delivered[i]:
		case <-stop:
		case <-c.gone:
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calmTerminal()
	if c.remote != nil && c.remote.send(command{Op: opQuit}, nil) == nil {
		select {
		case <-c.gone:
		case <-stop:
		}
	}
}

// Broken says which reader is gone, and how; empty for none.
func (c *Client) Broken() string { return c.book.gone() }

// Spent says why no further run can be given what the last one has read of the input; empty
// when it can, or has read nothing.
func (c *Client) Spent() string { return c.book.spent() }

// Adopt goes on with a run that an earlier sidecar has begun, where a keeper has its streams: what
// was shown before is not shown again. The output of one that writes to a file by itself is looked at
// from now on.
func (c *Client) Adopt(run, pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := dial(filepath.Join(c.o.Dir, socketFile))
	if err != nil {
		c.adoptFiles(pid)
		return
	}
	cmd := command{Op: opTake, Run: run}
	for i, f := range []*os.File{c.o.Out, c.o.Err} {
		if c.out[i] != none {
			cmd.with(names[i], duplicate(f))
		}
	}
	if c.Interactive() {
		cmd.with("terminal", duplicate(c.o.In))
	}
	if t.send(cmd, cmd.files) != nil {
		return
	}
	c.rawTerminal()
	closeAll(cmd.files)
	c.book.open(run, [2]bool{true, true})
	c.local, c.remote, c.last = nil, t, run
	go c.listen(t)
}

func (c *Client) adoptFiles(pid int) {
	for i := range names {
		f, err := os.Open(fmt.Sprintf("/proc/%d/fd/%d", pid, i+1))
		if err != nil || kindOf(f) != plain || i == 1 && c.taps[0] != nil && same(f, c.taps[0].target) {
			continue
		}
		c.taps[i] = newTap(f, c.o.Spools[i], c.o.Changed)
		_, _ = f.Seek(0, io.SeekEnd)
		c.taps[i].begin()
	}
}
