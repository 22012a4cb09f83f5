// Command fleetlab runs real sidecars with real agents against a real hub, lets the provider of
// all agents die and come back, and prints what came of it, with and without a fleet.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lab is what one run needs.
type lab struct {
	sidecar, hub, dir string
	hosts             int
	rate              float64
	outage            time.Duration
	provider          *provider
	hubURL            string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "agent" {
		agent(os.Args[2])
		return
	}
	l := &lab{}
	flag.StringVar(&l.sidecar, "bin", "bin/healer-sidecar", "the sidecar")
	flag.StringVar(&l.hub, "hub", "bin/healer-hub", "the hub")
	flag.IntVar(&l.hosts, "hosts", 50, "how many sidecars")
	flag.Float64Var(&l.rate, "rate", 5, "starts_per_second of the fleet")
	flag.DurationVar(&l.outage, "outage", time.Minute, "how long the provider is dead")
	away := flag.Bool("away", true, "also measure a crash while the hub is frozen and while it is gone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := l.all(ctx, *away); err != nil {
		fmt.Fprintf(os.Stderr, "fleetlab: %v\n", err)
		os.Exit(1)
	}
}

func (l *lab) all(ctx context.Context, away bool) error {
	dir, err := os.MkdirTemp("", "fleetlab")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l.dir = dir
	for _, path := range []*string{&l.sidecar, &l.hub} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if l.provider, err = newProvider(); err != nil {
		return err
	}
	alone, err := l.outageOf(ctx, false)
	if err != nil {
		return err
	}
	together, err := l.outageOf(ctx, true)
	if err != nil {
		return err
	}
	report(l, alone, together)
	if away {
		if err := l.crashes(ctx); err != nil {
			return err
		}
	}
	return l.judge(together)
}

// judge is the bar: the rate plus a tenth, one page, all back.
func (l *lab) judge(f figures) error {
	var wrong []string
	if most := l.rate*1.1 + 0.5; float64(f.most) > most {
		wrong = append(wrong, fmt.Sprintf("%d starts in a second, at most %.0f are allowed", f.most, most))
	}
	if f.pages != 1 {
		wrong = append(wrong, fmt.Sprintf("%d pages, want 1", f.pages))
	}
	if f.back < 0 {
		wrong = append(wrong, "not all agents came back")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the fleet misses its bar: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// process starts a program whose output goes to a file.
func (l *lab) process(name, bin string, args ...string) (*exec.Cmd, error) {
	out, err := os.Create(filepath.Join(l.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(bin, args...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, cmd.Start()
}

// startHub starts a hub and returns when it accepts connections.
func (l *lab) startHub(ctx context.Context, name, listen string) (*exec.Cmd, error) {
	cmd, err := l.process(name, l.hub, "serve", "--dir", filepath.Join(l.dir, "hub"), "--listen", listen, "--archive-size", "1GiB")
	if err != nil {
		return nil, err
	}
	err = until(ctx, 30*time.Second, "the hub is ready", func() bool {
		raw, _ := os.ReadFile(filepath.Join(l.dir, name+".log"))
		_, after, ok := strings.Cut(string(raw), "ready at ")
		if ok {
			l.hubURL, _, _ = strings.Cut(after, "\n")
		}
		return ok
	})
	return cmd, err
}

// end tells processes to end and waits for them.
func end(all []*exec.Cmd) {
	for _, cmd := range all {
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, cmd := range all {
		late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		late.Stop()
	}
}

// until waits for something that other processes bring about.
func until(ctx context.Context, within time.Duration, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("after %s still not so: %s", within, what)
		}
	}
	return nil
}
