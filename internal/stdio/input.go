package stdio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// lookFirst and lookMost are between two looks at how much of its input a run has taken,
	// while it has some that it has not taken.
	lookFirst, lookMost = time.Millisecond, 100 * time.Millisecond
)

// input gives every run the same input from its beginning: what comes in our own pipe is
// recorded as far as a run has read it, and no more is taken out of the pipe than that, so that what
// a run leaves is there for whoever reads after us.
type input struct {
	source *os.File
	// record holds what was taken out of the source, taken bytes, at most bound; nil when it
	// cannot be read again, for the reason in lost.
	record *os.File
	taken  int64
	bound  int64
	lost   string
	peeker *peeker
	tell   func(Event)
	// calls is told what a run has read.
	calls *calls

	mu sync.Mutex // guards what follows
	// stop ends the feeding of the present run when it is closed, done is closed when it has
	// ended.
	stop *os.File
	done chan struct{}
	// moving says that the feeding is to be handed over, moved is who did it.
	moving bool
	moved  *feeder
}

// newInput takes over the record of an earlier process when taken is not 0.
func newInput(source, record *os.File, taken, bound int64, lost string, tell func(Event)) *input {
	in := &input{source: source, record: record, taken: taken, bound: bound, lost: lost, tell: tell}
	in.peeker = newPeeker(source)
	if lost != "" {
		in.record = nil
	}
	return in
}

// feed gives a run its input by writing to sink. A run that was fed in part already has got
// given bytes.
func (in *input) feed(run int, sink *os.File, given int64) error {
	wake, stop, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot feed a run: %w", err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	before, done := in.done, make(chan struct{})
	in.stop, in.done = stop, done
	f := &feeder{input: in, run: run, sink: sink, given: given, wake: wake}
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		f.serve()
	}()
	return nil
}

// end stops the feeding of the present run and waits for it.
func (in *input) end() {
	in.mu.Lock()
	stop, done := in.stop, in.done
	in.stop = nil
	in.mu.Unlock()
	if stop != nil {
		stop.Close()
	}
	if done != nil {
		<-done
	}
}

// feeder feeds one run. given is how much of the whole input it got, counted from the
// beginning.
type feeder struct {
	*input
	run int
	// sink is the pipe of the run; once its end was told, the other side of it, of which only
	// the fill is asked.
	sink  *os.File
	given int64
	// wake ends the feeding when its other end is closed.
	wake *os.File
}

// serve feeds the run, and settles what it has read when it has ended.
func (f *feeder) serve() {
	defer f.wake.Close()
	err := f.replay()
	if err == nil {
		err = f.live()
	}
	if !errors.Is(err, errStopped) {
		f.settle()
		f.closeSink()
		_ = f.poll(nil, 0, -1)
	}
	f.settle()
	if f.moves() {
		return
	}
	read := f.given - filled(f.sink)
	f.sink.Close()
	f.tell(Event{Kind: Fed, Run: f.run, Read: read, Fault: f.lost})
}

// moves reports that somebody else goes on with the feeding.
func (f *feeder) moves() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.moving {
		f.moved = f
	}
	return f.moving
}

// closeSink tells the run that nothing more comes, and goes on to see how much of it is read.
func (f *feeder) closeSink() {
	other, err := openOther(f.sink)
	if err != nil {
		return // the run waits for its end in vain; it has none to be told
	}
	f.sink.Close()
	f.sink = other
}

var errStopped = errors.New("stopped")

// replay gives what earlier runs have read.
func (f *feeder) replay() error {
	if f.record == nil {
		f.given = max(f.given, f.taken) // it is gone
		return nil
	}
	buf := make([]byte, chunkSize)
	for f.given < f.taken {
		n, err := f.record.ReadAt(buf[:min(int64(len(buf)), f.taken-f.given)], f.given)
		if n == 0 {
			return fmt.Errorf("cannot read the recorded input again: %w", err)
		}
		if err := f.give(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

// live gives what comes now, until the source ends or the run does.
func (f *feeder) live() error {
	wait := lookFirst
	for {
		ahead := f.given - f.taken
		data, ended, err := f.peeker.peek(ahead)
		if err != nil {
			return err
		}
		if len(data) > 0 {
			wait = lookFirst
			if err := f.give(data); err != nil {
				return err
			}
		}
		if f.settle() {
			wait = lookFirst
			continue
		}
		switch {
		case len(data) > 0:
			continue
		case ended:
			return nil // all of it was given; what of it is taken is settled at the end
		}
		if err := f.await(wait); err != nil {
			return err
		}
		wait = min(max(2*wait, lookFirst), lookMost)
	}
}

// give writes to the run, which may take its time.
func (f *feeder) give(b []byte) error {
	for len(b) > 0 {
		n, err := unix.Write(int(descriptor(f.sink)), b)
		switch {
		case err == nil:
			b = b[n:]
			f.given += int64(n)
		case errors.Is(err, unix.EAGAIN):
			f.settle()
			if err := f.poll(f.sink, unix.POLLOUT, lookMost); err != nil {
				return err
			}
		case !errors.Is(err, unix.EINTR):
			return err
		}
	}
	return nil
}

// settle takes out of the source what the run has read, and records it. It reports whether there
// was any.
func (f *feeder) settle() bool {
	read := f.given - filled(f.sink)
	if read <= f.taken {
		return false
	}
	buf := make([]byte, min(read-f.taken, chunkSize))
	for f.taken < read {
		n, err := unix.Read(int(descriptor(f.source)), buf[:min(int64(len(buf)), read-f.taken)])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n <= 0 {
			return false
		}
		f.keep(buf[:n])
		f.taken += int64(n)
	}
	return true
}

// keep records what was taken, within the bound.
func (f *feeder) keep(b []byte) {
	f.calls.read(b)
	if f.record == nil {
		return
	}
	if f.taken+int64(len(b)) > f.bound {
		f.forget(fmt.Sprintf("more than %d bytes of it were read", f.bound))
		return
	}
	if _, err := f.record.WriteAt(b, f.taken); err != nil {
		f.forget("it could not be recorded: " + err.Error())
	}
}

func (f *feeder) forget(why string) {
	_ = f.record.Truncate(0)
	f.record.Close()
	f.record, f.lost = nil, why
}

// await waits until there may be more, or for a time. While the source holds what is not taken
// yet, asking it would answer at once.
func (f *feeder) await(d time.Duration) error {
	if f.given > f.taken {
		return f.poll(nil, 0, d)
	}
	return f.poll(f.source, unix.POLLIN, -1)
}

// poll waits for a file, for a time, or for the end of the run. A negative time has no end.
func (f *feeder) poll(file *os.File, events int16, d time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(descriptor(f.wake)), Events: unix.POLLIN}}
	if file != nil {
		fds = append(fds, unix.PollFd{Fd: int32(descriptor(file)), Events: events})
	}
	ms := -1
	if d >= 0 {
		ms = int(d.Milliseconds())
	}
	_, err := unix.Poll(fds, ms)
	switch {
	case fds[0].Revents != 0:
		return errStopped
	case err != nil && !errors.Is(err, unix.EINTR):
		return err
	}
	return nil
}

// filled is how many bytes wait in a pipe.
func filled(f *os.File) int64 {
	n, err := unix.IoctlGetInt(int(descriptor(f)), fionread)
	if err != nil {
		return 0
	}
	return int64(n)
}

// peeker reads ahead in a source and leaves everything in it.
type peeker struct {
	source *os.File
	socket bool
	// in and out are a pipe into which the source's is copied.
	in, out *os.File
	buf     []byte
}

func newPeeker(source *os.File) *peeker {
	p := &peeker{source: source, buf: make([]byte, peekMost)}
	if info, err := source.Stat(); err == nil {
		p.socket = info.Mode()&os.ModeSocket != 0
	}
	return p
}

// peekMost is how far a source is looked ahead into.
const peekMost = 1 << 20

// peek returns what comes after the first skip bytes of what waits in the source, and whether
// nothing more will come after that.
func (p *peeker) peek(skip int64) (data []byte, ended bool, err error) {
	closed := hungUp(p.source) // asked before: what is written now is seen the next time
	n, err := p.look()
	switch {
	case errors.Is(err, unix.EAGAIN):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case n == 0, int64(n) <= skip:
		return nil, n == 0 && skip == 0 || closed, nil
	}
	return p.buf[skip:n], false, nil
}

func (p *peeker) look() (int, error) {
	for {
		n, err := p.lookOnce()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func (p *peeker) lookOnce() (int, error) {
	fd := int(descriptor(p.source))
	if p.socket {
		n, _, err := unix.Recvfrom(fd, p.buf, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		return n, err
	}
	if p.in == nil {
		out, in, err := os.Pipe()
		if err != nil {
			return 0, err
		}
		growPipe(in, peekMost)
		p.in, p.out = in, out
	}
	n, err := tee(fd, int(descriptor(p.in)), peekMost)
	if err != nil || n == 0 {
		return 0, err
	}
	return io.ReadFull(p.out, p.buf[:n])
}

// hungUp reports that nobody can write to a source any more.
func hungUp(f *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(descriptor(f)), Events: unix.POLLIN | pollRDHup}}
	_, err := unix.Poll(fds, 0)
	return err == nil && fds[0].Revents&(unix.POLLHUP|pollRDHup) != 0
}

// offsetOf is where a regular file is read on; seekTo goes back there.
func offsetOf(f *os.File) int64 {
	at, err := syscall.Seek(int(descriptor(f)), 0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return at
}

func seekTo(f *os.File, at int64) { _, _ = syscall.Seek(int(descriptor(f)), at, io.SeekStart) }
