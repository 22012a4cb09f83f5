//go:build !linux

package procfs

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"time"

	gohost "github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/process"
)

// BootID names the present boot by its time; this system has no better name.
var BootID = sync.OnceValue(func() string {
	t, err := gohost.BootTime()
	if err != nil {
		return ""
	}
	return fmt.Sprint(t)
})

// ReadStat asks the system about a process. ErrGone means that it has ended.
func ReadStat(pid int) (Stat, error) {
	ctx := context.Background()
	p := &process.Process{Pid: int32(pid)}
	if ok, err := process.PidExistsWithContext(ctx, int32(pid)); err == nil && !ok {
		return Stat{}, ErrGone
	}
	parent, err := p.PpidWithContext(ctx)
	if err != nil {
		return Stat{}, fmt.Errorf("cannot observe process %d: %w", pid, err)
	}
	start, err := p.CreateTimeWithContext(ctx)
	if err != nil {
		return Stat{}, fmt.Errorf("cannot observe process %d: %w", pid, err)
	}
	s := Stat{State: 'S', Parent: int(parent), Session: pid, Start: uint64(start)}
	if words, err := p.StatusWithContext(ctx); err == nil && len(words) > 0 && words[0] == process.Zombie {
		s.State = 'Z'
	}
	return s, nil
}

// Signal sends a signal after comparing the start time. Without a pidfd a
// process that ends in between could be missed; this system offers no better.
func (id Identity) Signal(sig syscall.Signal) error {
	if id.PID <= 1 {
		return fmt.Errorf("cannot signal process %d: refused", id.PID)
	}
	if alive, err := id.Alive(); err != nil || !alive {
		return ErrGone
	}
	if err := syscall.Kill(id.PID, sig); err != nil {
		return fmt.Errorf("cannot signal process %d: %w", id.PID, err)
	}
	return nil
}

// Age is for how long a process has existed.
func Age(pid int) (time.Duration, error) {
	s, err := ReadStat(pid)
	if err != nil {
		return 0, err
	}
	return time.Since(time.UnixMilli(int64(s.Start))), nil
}
