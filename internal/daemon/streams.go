package daemon

import (
	"io"
	"os"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/stdio"

	"github.com/mattn/go-isatty"
)

// inputBound is how much input of a wrapped command is recorded, to be given to further runs.
const inputBound = 64 << 20

// wrapStreams makes what a wrapped command reads and writes.
func (s *sidecar) wrapStreams() error {
	if !s.options.Wrapped {
		return nil
	}
	agent := s.options.Policy.Agents[0].Name
	if err := fsys.PrivateDir(s.spawner.AgentDir(agent)); err != nil {
		return err
	}
	outputs := s.outputs(agent)
	s.streams = stdio.New(stdio.Options{
		In: s.options.In, Out: openFile(s.options.Out), Err: openFile(s.options.Err),
		TTY: s.options.TTY, Suspend: s.suspend, Live: s.options.LiveInput, Calls: s.options.MCP, Bound: inputBound,
		Dir: s.spawner.AgentDir(agent), Spools: [2]string{outputs[0], outputs[1]}, Keep: s.keepStreams, Changed: s.subscribe,
	})
	s.spawner.Stdio = s.streams
	if s.streams.Interactive() {
		s.log.Hold()
	}
	return nil
}

// suspend stops the command and us, as the key for it would have done, until we are continued.
func (s *sidecar) suspend() {
	s.units.Signal(syscall.SIGSTOP)
	_ = syscall.Kill(0, syscall.SIGSTOP)
	s.units.Signal(syscall.SIGCONT)
}

// openFile is the file behind a writer; nil for none.
func openFile(w io.Writer) *os.File {
	f, _ := w.(*os.File)
	return f
}

func isTerminal(w io.Writer) bool {
	f := openFile(w)
	return f != nil && isatty.IsTerminal(f.Fd())
}

// keepStreams starts the process that keeps the streams when we are gone.
func (s *sidecar) keepStreams(listener *os.File) error {
	argv := []string{self, "keep-stdio"}
	_, err := s.reaper.Start(procs.Command{Argv: argv, Env: kernel.InheritedEnv(), Stdin: listener, Cgroup: -1})
	return err
}

func (s *sidecar) subscribe(path string, ch chan<- struct{}) (stop func()) {
	s.watcher.Subscribe(path, ch)
	return func() { s.watcher.Unsubscribe(path, ch) }
}

// finishStreams waits until the readers of a wrapped command have got everything, or a signal
// says that nobody waits for that.
func (s *sidecar) finishStreams() {
	if s.streams == nil {
		return
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		s.streams.Finish(stop)
	}()
	for {
		select {
		case <-done:
			return
		case got := <-s.options.Signals:
			if sig, _ := got.(syscall.Signal); s.ends(sig) {
				close(stop)
				<-done
				return
			}
		}
	}
}

// final says that a run of a wrapped command which has ended is the last one, and why. Where
// nobody reads its output any more, or a person ended it, there is nothing to be told either: it
// ends as without us.
func (s *sidecar) final(exit heal.Exit) (last bool, why string) {
	if s.streams == nil {
		return false, ""
	}
	if s.streams.Broken() != "" || s.streams.Interrupted() || s.streams.Full() != "" || s.asked.explains(exit, time.Now()) {
		s.silent.Store(true)
		return true, ""
	}
	if spent := s.streams.Spent(); spent != "" {
		why = "not run again: it has read input that cannot be read again: " + spent
		if s.log.Plain {
			s.log.Say(s.options.Policy.Agents[0].Name + ": " + why)
		}
		return true, why
	}
	return false, ""
}

// unnoticed reports that an event is worth no sentence to somebody who sees the command itself: as
// long as nothing was done about it, or when it ends as without us.
func (s *sidecar) unnoticed(e heal.Event) bool {
	switch e.Kind {
	case heal.EventFinished, heal.EventNote, heal.EventClosed:
		return s.silent.Load() || s.tally.untouched()
	}
	return s.silent.Load()
}
