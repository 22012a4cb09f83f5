package sampling

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// PressureResources are what the kernel counts waiting for.
var PressureResources = []string{"cpu", "memory", "io"}

// PressureLine is one line of the kernel's pressure: some process waited, or all did.
type PressureLine struct {
	Resource string
	Full     bool
}

func (l PressureLine) Path() string { return "/proc/pressure/" + l.Resource }

func (l PressureLine) kind() string {
	if l.Full {
		return "full"
	}
	return "some"
}

// Waited is how long was waited since boot.
func (l PressureLine) Waited() (time.Duration, bool) {
	b, err := os.ReadFile(l.Path())
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, l.kind()+" ") {
			continue
		}
		_, total, _ := strings.Cut(strings.TrimSpace(line), "total=")
		us, err := strconv.ParseInt(total, 10, 64)
		return time.Duration(us) * time.Microsecond, err == nil
	}
	return 0, false
}

// WatchPressure tells how long was waited within each window, until the context ends, and
// at once when it was as long as stall where the kernel allows a trigger. False is a
// window of which nothing is known.
func WatchPressure(ctx context.Context, l PressureLine, stall, window time.Duration, tell func(time.Duration, bool)) {
	fired := l.Trigger(ctx, stall, window)
	before, known := l.Waited()
	tick := time.NewTicker(window)
	defer tick.Stop()
	for {
		select {
		case <-fired:
			tell(stall, true)
			tick.Reset(window)
			before, known = l.Waited()
		case <-tick.C:
			now, ok := l.Waited()
			tell(now-before, ok && known)
			before, known = now, ok
		case <-ctx.Done():
			return
		}
	}
}

// pollFor is how long one wait for a trigger lasts before the context is looked at.
const pollFor = 200 * time.Millisecond

// Trigger has the kernel say when the line is crossed. Where it may not be asked, the
// channel never yields.
func (l PressureLine) Trigger(ctx context.Context, stall, window time.Duration) <-chan struct{} {
	fired := make(chan struct{})
	fd, err := unix.Open(l.Path(), unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fired
	}
	order := fmt.Sprintf("%s %d %d\x00", l.kind(), stall.Microseconds(), window.Microseconds())
	if _, err := unix.Write(fd, []byte(order)); err != nil {
		unix.Close(fd)
		return fired
	}
	go func() {
		defer unix.Close(fd)
		for ctx.Err() == nil {
			polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}
			n, err := unix.Poll(polled, int(pollFor.Milliseconds()))
			if n == 0 || err == unix.EINTR {
				continue
			}
			if err != nil || polled[0].Revents&unix.POLLERR != 0 {
				return
			}
			select {
			case fired <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
	return fired
}
