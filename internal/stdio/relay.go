package stdio

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Kinds of events of a terminal.
const (
	// Interrupted: the keys that end a program were typed.
	Interrupted = "interrupted"
	// Suspended: the key that suspends a program was typed. Nothing more is read from the terminal
	// until the next command.
	Suspended = "suspended"
)

// relay passes what is typed at our terminal to that of the run, byte by byte.
type relay struct {
	// outer is our terminal, inner the side of the run's that is not the run's.
	outer, inner *os.File
	tell         func(Event)

	mu sync.Mutex // guards what follows
	// stop ends the relaying when it is closed, done is closed when it has ended.
	stop *os.File
	done chan struct{}
}

// begin starts relaying to the terminal of a run.
func (r *relay) begin(inner *os.File) {
	wake, stop, err := os.Pipe()
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inner, r.stop, r.done = inner, stop, make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		defer wake.Close()
		r.run(wake)
	}(r.done)
}

// end stops relaying, and waits for it.
func (r *relay) end() {
	r.mu.Lock()
	stop, done := r.stop, r.done
	r.stop = nil
	r.mu.Unlock()
	if stop != nil {
		stop.Close()
		<-done
	}
}

// close gives the terminal of the run back.
func (r *relay) close() {
	r.end()
	if r.inner != nil {
		r.inner.Close()
		r.inner = nil
	}
}

// typedMost is how much of what is typed is passed on at once.
const typedMost = 4096

func (r *relay) run(wake *os.File) {
	buf := make([]byte, typedMost)
	for {
		fds := []unix.PollFd{
			{Fd: int32(descriptor(wake)), Events: unix.POLLIN}, {Fd: int32(descriptor(r.outer)), Events: unix.POLLIN},
		}
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil || fds[0].Revents != 0:
			return
		}
		n, err := unix.Read(int(descriptor(r.outer)), buf)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
			continue
		}
		if err != nil || n <= 0 { // our terminal is gone
			return
		}
		if !r.pass(buf[:n]) {
			return
		}
	}
}

// pass writes what was typed to the terminal of the run. It reports false when nothing more is to
// be read at this moment.
func (r *relay) pass(b []byte) bool {
	mode, err := unix.IoctlGetTermios(int(descriptor(r.inner)), getTermios)
	signals := err == nil && mode.Lflag&unix.ISIG != 0
	suspend := -1
	for i, key := range b {
		switch {
		case !signals:
		case key == mode.Cc[unix.VINTR], key == mode.Cc[unix.VQUIT]:
			r.tell(Event{Kind: Interrupted})
		case key == mode.Cc[unix.VSUSP] && r.leads():
			suspend = i
		}
		if suspend >= 0 {
			b = b[:suspend]
			break
		}
	}
	if len(b) > 0 && writeAll(r.inner, b) != nil {
		return false
	}
	if suspend >= 0 {
		r.tell(Event{Kind: Suspended})
	}
	return suspend < 0
}

// leads reports that the run itself is in the foreground of its terminal, and not a job of it,
// which it suspends by itself.
func (r *relay) leads() bool {
	group, err := unix.IoctlGetInt(int(descriptor(r.inner)), unix.TIOCGPGRP)
	if err != nil {
		return false
	}
	session, err := unix.Getsid(group)
	return err == nil && session == group
}

// resize gives the terminal of the run the size of ours; the kernel tells the run.
func (r *relay) resize() {
	if r.inner != nil {
		copySize(r.outer, r.inner)
	}
}

// copySize makes one terminal as large as another.
func copySize(from, to *os.File) {
	if size, err := unix.IoctlGetWinsize(int(descriptor(from)), unix.TIOCGWINSZ); err == nil {
		_ = unix.IoctlSetWinsize(int(descriptor(to)), unix.TIOCSWINSZ, size)
	}
}

// copyMode makes one terminal work as another, so that a run finds what the bare command would.
func copyMode(from, to *os.File) {
	if mode, err := unix.IoctlGetTermios(int(descriptor(from)), getTermios); err == nil {
		_ = unix.IoctlSetTermios(int(descriptor(to)), setTermios, mode)
	}
}

// raw makes a terminal pass every byte on as it is, both ways, and returns how it was; nil when it
// is none.
func raw(f *os.File) *unix.Termios {
	was, err := unix.IoctlGetTermios(int(descriptor(f)), getTermios)
	if err != nil {
		return nil
	}
	mode := *was
	mode.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	mode.Oflag &^= unix.OPOST
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	mode.Cflag = mode.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if unix.IoctlSetTermios(int(descriptor(f)), setTermiosDrained, &mode) != nil {
		return nil
	}
	return was
}

// RawTerminal makes a terminal pass every byte on as it is, and returns what brings it back.
func RawTerminal(f *os.File) (back func()) {
	was := raw(f)
	return func() { restore(f, was) }
}

// restore brings a terminal back to how it was.
func restore(f *os.File, was *unix.Termios) {
	if was != nil {
		_ = unix.IoctlSetTermios(int(descriptor(f)), setTermiosDrained, was)
	}
}
