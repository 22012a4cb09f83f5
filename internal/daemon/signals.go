package daemon

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"healer-sidecar/internal/host/procfs"
)

// replaced is the signal by which a new program takes over.
const replaced = syscall.SIGUSR2

// sidecarSignals mean something to the sidecar of a policy. SIGPIPE is taken so that a closed
// terminal does not end us.
var sidecarSignals = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGPIPE,
}

// commandSignals mean something to a command that we stand for.
var commandSignals = append([]os.Signal{
	syscall.SIGABRT, syscall.SIGALRM, syscall.SIGVTALRM, syscall.SIGIO, syscall.SIGTSTP, syscall.SIGCONT,
}, sidecarSignals...)

// NotifySignals makes the signals arrive that Options.Signals should carry. What was ignored when a
// wrapped command was started stays ignored, for us and for the command: nohup does that, and a shell
// for what it starts in the background.
func NotifySignals(ch chan<- os.Signal, wrapped bool) {
	if !wrapped {
		signal.Notify(ch, sidecarSignals...)
		return
	}
	var wanted []os.Signal
	for _, one := range commandSignals {
		sig, _ := one.(syscall.Signal)
		switch {
		case procfs.FateOf(os.Getpid(), sig) == procfs.FateIgnored:
		case sig == syscall.SIGQUIT && signal.Ignored(syscall.SIGINT):
			signal.Ignore(sig) // our runtime has taken it already; a shell ignores both or none
		default:
			wanted = append(wanted, one)
		}
	}
	signal.Notify(ch, wanted...)
}

// wait returns when we are told to end, with the signal that said so, or when
// every agent has ended, with 0.
func (s *sidecar) wait() syscall.Signal {
	for {
		select {
		case <-s.progress.over:
			return 0
		case <-s.upgrades:
			return replaced
		case <-s.shutdowns: // as by the keyboard: the agents end, too
			return syscall.SIGINT
		case got := <-s.options.Signals:
			sig, _ := got.(syscall.Signal)
			if s.standsFor() && s.pass(sig) {
				continue
			}
			if s.ends(sig) {
				return sig
			}
			s.heed(sig)
		}
	}
}

// heed does what a signal asks of us that does not end us.
func (s *sidecar) heed(sig syscall.Signal) {
	switch {
	case sig == replaced && !s.options.Wrapped:
		go s.upgradeBySignal(s.rootCtx)
	case sig == syscall.SIGHUP:
		s.askReload()
	case forwarded(sig):
		s.units.Signal(sig)
	}
}

// ends reports whether a signal tells us to end. What ends a program without a handler does when we
// stand for a command.
func (s *sidecar) ends(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGTERM, syscall.SIGINT:
		return true
	case syscall.SIGHUP, syscall.SIGQUIT:
		return s.options.Wrapped
	}
	return false
}

func forwarded(sig syscall.Signal) bool {
	return sig == syscall.SIGUSR1 || sig == syscall.SIGUSR2 || sig == syscall.SIGWINCH || sig == syscall.SIGQUIT
}

// standsFor reports that signals are meant for the command. Somebody who works on it speaks to us.
func (s *sidecar) standsFor() bool { return s.options.Wrapped && !s.options.Dev }

// pass hands a signal to the command, which does with it what it would do without us. It reports
// false for one that is not for the command, or when nothing runs that could act on it.
func (s *sidecar) pass(sig syscall.Signal) bool {
	agent := s.options.Policy.Agents[0].Name
	foreground, hungUp := procfs.ForegroundOfTerminal()
	switch sig {
	case syscall.SIGTERM, syscall.SIGPIPE: // a stop, with all that the command has started; a reader of ours
		return false
	case syscall.SIGTSTP:
		s.stopWith(agent, foreground)
		return true
	case syscall.SIGWINCH:
		return s.streams.Resized() || s.units.Pass(agent, sig, false) == nil
	}
	keyboard := sig == syscall.SIGINT || sig == syscall.SIGQUIT
	group := keyboard && foreground || sig == syscall.SIGHUP && hungUp
	s.asked.note(sig, keyboard || hungUp, time.Now())
	return s.units.Pass(agent, sig, group) == nil
}

// stopsFor is how long a program may take to stop that first does something else.
const stopsFor = 300 * time.Millisecond

// stopWith stops the command and us, as the signal for that does to a program, until we are
// continued. The command is in a session of its own, where the kernel stops nobody by that signal: we
// stop it by the one that cannot be refused.
func (s *sidecar) stopWith(agent string, group bool) {
	pid := s.units.Status(agent).PID
	switch procfs.FateOf(pid, syscall.SIGTSTP) {
	case procfs.FateIgnored:
		return
	case procfs.FateCaught:
		if s.units.Pass(agent, syscall.SIGTSTP, group) == nil && !s.wantsToStop(agent, pid) {
			return
		}
	}
	_ = s.units.Pass(agent, syscall.SIGSTOP, group)
	s.streams.Settle() // who is stopped copies nothing
	procfs.RaiseDefault(syscall.SIGTSTP)
	_ = s.units.Pass(agent, syscall.SIGCONT, group)
}

// wantsToStop reports that a program which handles the signal has stopped, or gives it back to the
// kernel to be stopped by it.
func (s *sidecar) wantsToStop(agent string, pid int) bool {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for until := time.After(stopsFor); ; {
		if s.units.Status(agent).State == "stopped" || procfs.FateOf(pid, syscall.SIGTSTP) == procfs.FateDefault {
			return true
		}
		select {
		case <-look.C:
		case <-until:
			return false
		}
	}
}

// askReload is heard once however often it is asked before it is done.
func (s *sidecar) askReload() {
	select {
	case s.reloads <- struct{}{}:
	default:
	}
}

func (s *sidecar) upgradeBySignal(ctx context.Context) {
	if err := s.upgrade(ctx); err != nil {
		s.log.Error("the sidecar stays as it is", "cause", err)
	}
}
