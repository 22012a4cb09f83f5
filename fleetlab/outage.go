package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// figures are what came of one outage.
type figures struct {
	starts, most, pages int
	// most is the greatest number of starts in a second, while the provider was dead and after.
	// back is how long it took from the provider's return until all agents worked; -1 for never.
	back time.Duration
	// proof is when the starts began to come in their turns after the return.
	perSecond []int
}

// settle is how long the agents have to come up, and to come back.
const settle, comeBack = 3 * time.Minute, 5 * time.Minute

// outageOf starts all sidecars, kills the provider, lets it come back, and counts.
func (l *lab) outageOf(ctx context.Context, fleet bool) (f figures, err error) {
	name := map[bool]string{false: "alone", true: "fleet"}[fleet]
	var all []*exec.Cmd
	defer func() { end(all) }()
	if fleet {
		hub, err := l.startHub(ctx, "hub-"+name, "127.0.0.1:0")
		if hub != nil {
			defer end([]*exec.Cmd{hub})
		}
		if err != nil {
			return f, err
		}
	}
	for i := range l.hosts {
		cmd, err := l.startSidecar(fmt.Sprintf("%s%02d", name, i), fleet)
		if err != nil {
			return f, err
		}
		all = append(all, cmd)
	}
	if err := until(ctx, settle, "all agents work", func() bool { return l.provider.served() == l.hosts }); err != nil {
		return f, err
	}
	if err := pause(ctx, 30*time.Second); err != nil { // all hosts are counted
		return f, err
	}
	l.provider.clear()
	died := time.Now()
	l.provider.set(true)
	if err := pause(ctx, l.outage); err != nil {
		return f, err
	}
	l.provider.set(false)
	back := time.Now()
	f.back = -1
	if until(ctx, comeBack, "all agents work again", func() bool { return l.provider.served() == l.hosts }) == nil {
		f.back = time.Since(back)
	}
	l.count(&f, died)
	l.provider.mu.Lock()
	l.provider.seen = map[string]time.Time{}
	l.provider.mu.Unlock()
	return f, nil
}

func (l *lab) count(f *figures, died time.Time) {
	l.provider.mu.Lock()
	defer l.provider.mu.Unlock()
	f.starts, f.pages = len(l.provider.starts), len(l.provider.pages)
	slices.SortFunc(l.provider.starts, time.Time.Compare)
	for i, first := range l.provider.starts {
		n := 1
		for _, at := range l.provider.starts[i+1:] {
			if at.Sub(first) >= time.Second {
				break
			}
			n++
		}
		f.most = max(f.most, n)
		second := int(first.Sub(died) / time.Second)
		for len(f.perSecond) <= second {
			f.perSecond = append(f.perSecond, 0)
		}
		f.perSecond[second]++
	}
}

// startSidecar writes a policy and starts a sidecar with it.
func (l *lab) startSidecar(name string, fleet bool) (*exec.Cmd, error) {
	dir := filepath.Join(l.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	policy := fmt.Sprintf(`state_dir = %q
agent "worker" {
  command = [%q, "agent", %q]
  env     = { WHO = %q }
  heal {
    verify_for = "3s"
    backoff {
      base = "2s"
      max  = "10s"
    }
    budget {
      attempts = 50
      window   = "10m"
    }
  }
}
notify "people" { url = "%s/page" }
`, filepath.Join(dir, "state"), self, l.provider.url, name, l.provider.url)
	if fleet {
		join := exec.Command(l.hub, "join", name, "--dir", filepath.Join(l.dir, "hub"), "--group", "lab", "--server", l.hubURL, "--write", dir)
		if out, err := join.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("cannot join: %w: %s", err, out)
		}
		block, err := os.ReadFile(filepath.Join(dir, "fleet.hcl"))
		if err != nil {
			return nil, err
		}
		budget := fmt.Sprintf("  budget { starts_per_second = %v }\n}\n", l.rate)
		policy += strings.TrimSuffix(string(block), "}\n") + budget
	}
	path := filepath.Join(dir, "policy.hcl")
	if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
		return nil, err
	}
	return l.process(name, l.sidecar, "run", "--config", path)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func report(l *lab, alone, fleet figures) {
	fmt.Printf("%d sidecars, one provider that is dead for %s and answers 429 with retry-after: 5; starts_per_second = %v\n", l.hosts, l.outage, l.rate)
	fmt.Printf("%-8s %8s %18s %6s %s\n", "", "starts", "most in a second", "pages", "all back after the provider's return")
	for _, row := range []struct {
		name string
		f    figures
	}{{"alone", alone}, {"fleet", fleet}} {
		back := "never"
		if row.f.back >= 0 {
			back = row.f.back.Round(100 * time.Millisecond).String()
		}
		fmt.Printf("%-8s %8d %18d %6d %s\n", row.name, row.f.starts, row.f.most, row.f.pages, back)
	}
	fmt.Printf("starts in each second, alone: %v\nstarts in each second, fleet: %v\n", alone.perSecond, fleet.perSecond)
}

// crashes measures how long a crashed agent is down: without a fleet, with one, with a hub that is
// frozen, and with one that is gone.
func (l *lab) crashes(ctx context.Context) error {
	hub, err := l.startHub(ctx, "hub-crash", "127.0.0.1:0")
	if hub != nil {
		defer func() { _ = hub.Process.Signal(syscall.SIGCONT); end([]*exec.Cmd{hub}) }()
	}
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name   string
		fleet  bool
		signal syscall.Signal
	}{{"no fleet", false, 0}, {"fleet", true, 0}, {"hub frozen", true, syscall.SIGSTOP}, {"hub gone", true, syscall.SIGKILL}} {
		took, err := l.crash(ctx, "crash-"+strings.ReplaceAll(c.name, " ", "-"), c.fleet, func() error {
			if c.signal == 0 {
				return nil
			}
			return hub.Process.Signal(c.signal)
		})
		if err != nil {
			return err
		}
		if c.signal == syscall.SIGSTOP {
			_ = hub.Process.Signal(syscall.SIGCONT)
		}
		fmt.Printf("a crashed agent is up again, %-10s: %s\n", c.name, took.Round(time.Millisecond))
	}
	return nil
}

// crash kills the agent of one sidecar and measures until its next start.
func (l *lab) crash(ctx context.Context, name string, fleet bool, before func() error) (time.Duration, error) {
	cmd, err := l.startSidecar(name, fleet)
	if err != nil {
		return 0, err
	}
	defer end([]*exec.Cmd{cmd})
	began := func() time.Time {
		l.provider.mu.Lock()
		defer l.provider.mu.Unlock()
		return l.provider.began[name]
	}
	if err := until(ctx, time.Minute, "the agent works", func() bool { return !began().IsZero() }); err != nil {
		return 0, err
	}
	if err := pause(ctx, 6*time.Second); err != nil {
		return 0, err
	}
	if err := before(); err != nil {
		return 0, err
	}
	pid, err := agentOf(l.sidecar, filepath.Join(l.dir, name, "state"))
	if err != nil {
		return 0, err
	}
	killed := time.Now()
	if err := syscall.Kill(pid, syscall.SIGSEGV); err != nil {
		return 0, err
	}
	if err := until(ctx, time.Minute, "the agent is up again", func() bool { return began().After(killed) }); err != nil {
		return 0, err
	}
	return began().Sub(killed), nil
}
