package procfs

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Stop says what holds a process.
type Stop struct {
	PID  int
	Name string
	// Signal stopped it; empty when the kernel does not say. Who sent it is not known to anybody.
	Signal string
	// Tracer is the debugger that holds it; 0 for none.
	Tracer     int
	TracerName string
}

// String describes it for people.
func (s Stop) String() string {
	switch {
	case s.Tracer > 0:
		return fmt.Sprintf("%d %s, held by the debugger %d %s", s.PID, s.Name, s.Tracer, s.TracerName)
	case s.Signal != "":
		return fmt.Sprintf("%d %s, by %s", s.PID, s.Name, s.Signal)
	}
	return fmt.Sprintf("%d %s", s.PID, s.Name)
}

// StopOf looks at a process that is stopped or traced.
func StopOf(pid int) Stop {
	s := Stop{PID: pid, Name: nameOf(pid)}
	if b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status"); err == nil {
		_, rest, _ := bytes.Cut(b, []byte("\nTracerPid:"))
		if line, _, ok := bytes.Cut(rest, []byte("\n")); ok {
			s.Tracer, _ = strconv.Atoi(string(bytes.TrimSpace(line)))
		}
	}
	if s.Tracer > 0 {
		s.TracerName = nameOf(s.Tracer)
		return s
	}
	// The last field but none is the code with which it will end, or the signal that stopped it.
	if b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
		fields := bytes.Fields(b)
		n, _ := strconv.Atoi(string(fields[len(fields)-1]))
		switch sig := syscall.Signal(n); sig {
		case syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
			s.Signal = unix.SignalName(sig)
		}
	}
	return s
}

// nameOf is what a process calls itself, harmless for a terminal; empty when it is gone.
func nameOf(pid int) string {
	id, err := Identify(pid)
	if err != nil {
		return ""
	}
	return Describe(id).Name
}
