package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
)

// Command is a program to run: an argument list, never a shell line.
type Command struct {
	Argv []string
	Env  []string
	Dir  string
	// Stdin, Stdout and Stderr become descriptors 0, 1 and 2; nil means /dev/null.
	Stdin, Stdout, Stderr *os.File
	// Heard says that a tool's last words belong into its error; it must leave nothing behind that
	// goes on to write.
	Heard bool
	// Witness is inherited by all that descends from the program and tells a later
	// sidecar that something of the run is alive; nil for none.
	Witness *os.File
	// TTY makes Stdout the controlling terminal.
	TTY bool
	// Cgroup is a descriptor of a v2 cgroup to be born in; negative for none.
	Cgroup int
	// Tasks is the file by which to enter the cgroup that limits tasks before the program
	// begins; empty for none.
	Tasks string
	// Namespace is the file of a network namespace to be born in; empty for ours.
	Namespace string
	// As is who the program runs as, by way of the program Starter, which calls StartAs; nil
	// for what we are ourselves.
	As      *Persona
	Starter []string
	told    *os.File
}

// witnessFD is where Witness is inherited: past the numbers that scripts use.
const witnessFD = 19

// Process is a child of ours.
type Process struct {
	procfs.Identity
	// Exited yields how the process ended, once.
	Exited <-chan heal.Exit
}

// ExecError says that a command could not be executed at all.
type ExecError struct {
	Path  string
	Errno syscall.Errno
}

// Error names the program and the errno.
func (e *ExecError) Error() string {
	return fmt.Sprintf("cannot execute %s: %s (%s)", e.Path, e.Errno.Error(), ErrnoName(e.Errno))
}

// ErrnoName is the symbolic name of an errno, as in ENOENT.
func ErrnoName(errno syscall.Errno) string { return unix.ErrnoName(errno) }

// Unwrap gives the errno.
func (e *ExecError) Unwrap() error { return e.Errno }

// Reaper owns every wait of the process: children we started are handed to their
// owner, adopted orphans are reaped quietly and counted.
type Reaper struct {
	mu       sync.Mutex // guards everything below; held across fork and wait
	children map[int]chan heal.Exit
	orphans  int
	// strays are our children that nobody has started, as they were at a moment.
	strays   []int
	straysAt time.Time
}

// NewReaper returns a reaper; Run must be running for exits to arrive.
func NewReaper() *Reaper { return &Reaper{children: map[int]chan heal.Exit{}} }

// Start runs a command in a session and process group of its own. The lock is
// held until the child is registered, so its exit cannot be lost to the reaper.
func (r *Reaper) Start(c Command) (*Process, error) {
	if len(c.Argv) == 0 {
		return nil, errors.New("cannot execute: the command is empty")
	}
	path, err := fsys.LookPath(c.Argv[0], lookupEnv(c.Env, "PATH"), c.Dir)
	if err != nil {
		return nil, asExecError(c.Argv[0], err)
	}
	argv := c.Argv
	if c.As != nil {
		told, err := startAs(starting{Persona: *c.As, Path: path, Argv: c.Argv, Env: c.Env, Dir: c.Dir})
		if err != nil {
			return nil, err
		}
		defer told.Close()
		path, argv, c.told = c.Starter[0], c.Starter, told
		c.Env, c.Dir = nil, "/"
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", os.DevNull, err)
	}
	defer null.Close()
	handle := -1
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Sys: sysProcAttr(c, &handle)}
	for _, f := range []*os.File{c.Stdin, c.Stdout, c.Stderr} {
		if f == nil {
			f = null
		}
		attr.Files = append(attr.Files, f.Fd())
	}
	attr.Files = inherit(attr.Files, c.Witness, witnessFD)
	attr.Files = inherit(attr.Files, c.told, startingFD)
	r.mu.Lock()
	defer r.mu.Unlock()
	pid := 0
	if failed := bornIn(c, func() { pid, err = forkExec(path, argv, attr) }); failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, asExecError(path, err)
	}
	exited := make(chan heal.Exit, 1)
	r.children[pid] = exited
	whenEnded(handle, r.reap)
	p := &Process{Identity: procfs.Identity{PID: pid, Boot: procfs.BootID()}, Exited: exited}
	if s, err := procfs.ReadStat(pid); err == nil {
		p.Start = s.Start
	}
	return p, nil
}

// inherit puts a file at a number; nil for none.
func inherit(files []uintptr, f *os.File, at int) []uintptr {
	if f == nil {
		return files
	}
	for len(files) < at {
		files = append(files, ^uintptr(0))
	}
	return append(files, f.Fd())
}

// startingFD is where the program is told who to become.
const startingFD = witnessFD + 1

// bornIn starts a program from a thread that is where the program should be born. The thread
// may be good for nothing else afterwards, so it is one of its own.
func bornIn(c Command, start func()) error {
	if c.Namespace == "" && c.Tasks == "" {
		start()
		return nil
	}
	failed := make(chan error, 1)
	go func() {
		var inside error
		err := netblock.Within(c.Namespace, func() { inside = cgroup.Below(c.Tasks, start) })
		failed <- errors.Join(err, inside)
	}()
	return <-failed
}

func asExecError(path string, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return &ExecError{Path: path, Errno: errno}
	}
	return fmt.Errorf("cannot execute %s: %w", path, err)
}

func lookupEnv(env []string, name string) string {
	value := ""
	for _, kv := range env {
		if len(kv) > len(name) && kv[:len(name)] == name && kv[len(name)] == '=' {
			value = kv[len(name)+1:]
		}
	}
	return value
}

// Adopt takes over the wait for a child that an earlier image of this process
// started. It reports false for a process that is not our child.
func (r *Reaper) Adopt(id procfs.Identity) (<-chan heal.Exit, bool) {
	s, err := procfs.ReadStat(id.PID)
	if err != nil || s.Parent != os.Getpid() || s.Start != id.Start {
		return nil, false
	}
	r.mu.Lock()
	exited := make(chan heal.Exit, 1)
	r.children[id.PID] = exited
	r.mu.Unlock()
	whenEnded(openHandle(id.PID), r.reap)
	r.reap() // it may have ended before we looked
	return exited, true
}

// Run reaps what SIGCHLD tells of, adopted orphans above all, until the context ends. Only one Run may be active in a process.
func (r *Reaper) Run(ctx context.Context) {
	ring := make(chan os.Signal, 1)
	signal.Notify(ring, syscall.SIGCHLD)
	defer signal.Stop(ring)
	for {
		r.reap()
		select {
		case <-ring:
		case <-ctx.Done():
			return
		}
	}
}

// reap takes every child that has ended. Signals coalesce, so it goes on until
// the kernel has no more.
func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		r.straysAt = time.Time{} // what it left behind is ours now
		owner, ours := r.children[pid]
		if !ours {
			r.orphans++
			continue
		}
		delete(r.children, pid)
		owner <- exitOf(status)
	}
}

// straysFor is how long a look at our own children serves all trees.
const straysFor = 500 * time.Millisecond

// adopted lists the children of ours that nobody here has started: they became ours
// when their parent died. With fresh it looks now, else it may be a moment old.
//
// A look reads all children, so that those who wait for one together share it: what began after
// they asked is fresh for them.
func (r *Reaper) adopted(fresh bool) []int {
	asked := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.straysAt.After(asked) || !fresh && time.Since(r.straysAt) < straysFor {
		return r.strays
	}
	r.strays, r.straysAt = nil, time.Now()
	for _, pid := range procfs.OwnChildren() {
		if _, started := r.children[pid]; !started {
			r.strays = append(r.strays, pid)
		}
	}
	return r.strays
}

// Orphans counts the adopted processes that were reaped.
func (r *Reaper) Orphans() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.orphans
}

func exitOf(s syscall.WaitStatus) heal.Exit {
	if s.Signaled() {
		return heal.Exit{Signal: unix.SignalName(s.Signal()), Core: s.CoreDump()}
	}
	return heal.Exit{Code: s.ExitStatus()}
}
