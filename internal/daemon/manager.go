package daemon

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

const (
	// statusEvery is how often the service manager's status line is renewed at most.
	statusEvery = time.Second
	// extendFor is the time that a stop asks for again and again while it goes on.
	extendFor = 10 * time.Second
)

// tellManager tells a service manager that started us how we stand; without one it
// does nothing.
func tellManager(state string) { _, _ = daemon.SdNotify(false, state) }

// managed reports that a service manager wants to be told.
func managed() bool { return os.Getenv("NOTIFY_SOCKET") != "" }

// service reports that a service manager has started us.
func service() bool { return managed() || os.Getenv("INVOCATION_ID") != "" }

// feedManager renews the status line and the watchdog until the context ends. Both
// come through the engine's loop: when that hangs, the watchdog is not fed.
func (s *sidecar) feedManager(ctx context.Context) {
	period := statusEvery
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err == nil && watchdog > 0 {
		period = min(period, watchdog/3)
	}
	tick := time.NewTicker(period)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var line string
		if !s.loop.Ask(ctx, func(c *engine.Core) { line = statusLine(c.Status(s.loop.Now())) }) {
			return
		}
		if watchdog > 0 {
			tellManager(daemon.SdNotifyWatchdog)
		}
		if line != last {
			last = line
			tellManager("STATUS=" + line)
		}
	}
}

// statusLine is the state of all agents in a few words.
func statusLine(agents []heal.AgentStatus) string {
	healthy, line := 0, ""
	for _, a := range agents {
		if a.Health == "healthy" {
			healthy++
			continue
		}
		line += fmt.Sprintf(", %s %s", a.Agent, a.Health)
	}
	return fmt.Sprintf("%d of %d agents healthy%s", healthy, len(agents), line)
}

// stoppingManager asks for more time as long as a stop goes on.
func stoppingManager(done <-chan struct{}) {
	tellManager(daemon.SdNotifyStopping)
	for {
		tellManager(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", extendFor.Microseconds()))
		select {
		case <-time.After(extendFor / 2):
		case <-done:
			return
		}
	}
}
