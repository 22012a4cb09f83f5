package main

import (
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == agentMode {
		agent(os.Args[2])
	}
	if len(os.Args) == 3 && os.Args[1] == strangerMode {
		stranger(os.Args[2])
	}
	bin := flag.String("bin", "bin/healer-sidecar-race", "the sidecar, built with the race detector")
	lasts := flag.Duration("for", 30*time.Minute, "how long")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of what happens")
	flag.Parse()
	if err := run(*bin, *lasts, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(bin string, lasts time.Duration, seed uint64) (err error) {
	full, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	g := &ground{lab: &testlab.Lab{Bin: full, Dir: dir}, rng: rand.New(rand.NewPCG(seed, 1)), done: map[string]int{}, journal: journal{}}
	fmt.Printf("soak: seed %d, %s, in %s\n", seed, lasts, dir)
	if err := g.begin(); err != nil {
		return err
	}
	defer g.end()
	samples, err := g.last(lasts)
	if err == nil {
		err = g.judge(samples)
	}
	if err != nil {
		return fmt.Errorf("seed %d: %w (kept in %s)", seed, err, dir)
	}
	return os.RemoveAll(dir)
}

func (g *ground) begin() (err error) {
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g.metrics = port.Addr().String()
	port.Close()
	if g.policy, err = policy(g.lab, g.metrics); err != nil {
		return err
	}
	if err := g.strangers(); err != nil {
		return err
	}
	return g.lab.Start(g.policy)
}

// end leaves nothing behind.
func (g *ground) end() {
	_ = g.lab.Stop()
	for _, s := range g.stranger {
		_ = s.Process.Kill()
		_ = s.Wait()
	}
}

// last makes trouble for that long, and samples the sidecar in the second half. From a third
// on it is left alone: what it opens once, for the first line of an agent say, is no growth.
func (g *ground) last(lasts time.Duration) (samples []sample, err error) {
	begun := time.Now()
	next := begun
	for time.Since(begun) < lasts {
		late := time.Since(begun) > lasts/2
		t := g.next(time.Since(begun) > lasts/3)
		if err := t.do(g); err != nil {
			return samples, fmt.Errorf("%s: %w", t.name, err)
		}
		g.done[t.name]++
		if err := g.journal.look(filepath.Join(g.lab.State(), "journal")); err != nil {
			return samples, err
		}
		if late && time.Now().After(next) {
			samples, next = append(samples, g.sample()), time.Now().Add(lasts/120)
		}
		time.Sleep(time.Duration(500+g.rng.IntN(2500)) * time.Millisecond)
	}
	return samples, nil
}

// judge lets everybody get well and looks at what became of it all.
func (g *ground) judge(samples []sample) error {
	if err := g.allWell(); err != nil {
		return err
	}
	starts, err := g.ledgers()
	if err != nil {
		return err
	}
	if log := g.lab.Log(); strings.Contains(log, "DATA RACE") {
		return errors.New("the race detector has found something: see the log")
	}
	return g.table(starts, samples)
}

// allWell waits until every agent works.
func (g *ground) allWell() error {
	late := time.Now().Add(3 * time.Minute)
	for time.Now().Before(late) {
		idle := 0
		for n := range agents {
			info, err := os.Stat(filepath.Join(folder(g.lab, n), "beat"))
			if err != nil || time.Since(info.ModTime()) > 2*time.Second {
				idle++
			}
		}
		if idle == 0 {
			return nil
		}
		time.Sleep(time.Second)
	}
	return errors.New("three minutes after the last trouble not every agent works")
}

// ledgers counts the starts, and finds second copies and strangers that were signalled.
func (g *ground) ledgers() (starts int, err error) {
	paths, _ := filepath.Glob(g.lab.Path("*/ledger"))
	for _, path := range paths {
		for _, e := range testlab.Ledger(filepath.Dir(path)) {
			switch e.What {
			case "start":
				starts++
			case "COPY":
				return starts, fmt.Errorf("a second copy was started: %s", path)
			case "SIGNAL":
				return starts, fmt.Errorf("a stranger was signalled: %s", path)
			}
		}
	}
	for _, s := range g.stranger {
		if s.Process.Signal(syscall.Signal(0)) != nil {
			return starts, errors.New("a stranger is gone")
		}
	}
	return starts, nil
}

// Most that may be added in an hour. RSS is judged without the race detector only: that keeps
// eight bytes for each defer of a goroutine that lives on
// (https://go.dev/doc/articles/race_detector, Runtime Overhead). The heap tells in both, and has room
// for what is kept of incidents, which is bounded but not full after half an hour.
const (
	mostMiB, mostHeap, mostDescriptors, mostThreads, mostGoroutines = 8.0, 6.0, 4.0, 4.0, 8.0
)

// longEnough is how long it must be looked at before a slope means anything.
const longEnough = 10 * time.Minute

// table prints what happened, and refuses what grows.
func (g *ground) table(starts int, samples []sample) error {
	if len(samples) == 0 {
		return errors.New("it was too short to sample anything")
	}
	names := make([]string, 0, len(g.done))
	for name := range g.done {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Printf("  %-22s %5d\n", name, g.done[name])
	}
	records := 0
	for _, seen := range g.journal {
		records += len(seen)
	}
	fmt.Printf("  %-22s %5d, 0 second copies, 0 strangers signalled\n", "starts", starts)
	fmt.Printf("  %-22s %5d, 0 lost or changed\n", "records looked after", records)
	var failed error
	for _, row := range []struct {
		name string
		most float64
		of   func(sample) float64
	}{
		{"RSS, MiB", g.mostRSS(), func(s sample) float64 { return s.rss }},
		{"heap, MiB", mostHeap, func(s sample) float64 { return s.heap }},
		{"descriptors", mostDescriptors, func(s sample) float64 { return s.descriptors }},
		{"threads", mostThreads, func(s sample) float64 { return s.threads }},
		{"goroutines", mostGoroutines, func(s sample) float64 { return s.goroutines }},
	} {
		by := slope(floors(samples, row.of), row.of)
		last := row.of(samples[len(samples)-1])
		fmt.Printf("  %-22s %5.0f in the end, %+.2f an hour in the second half (at most %.0f)\n", row.name, last, by, row.most)
		if lasted := samples[len(samples)-1].at.Sub(samples[0].at); by > row.most && lasted >= longEnough {
			failed = errors.Join(failed, fmt.Errorf("%s grow by %.2f an hour", row.name, by))
		}
	}
	return failed
}

// mostRSS is what RSS may grow by: anything, with the race detector.
func (g *ground) mostRSS() float64 {
	info, err := buildinfo.ReadFile(g.lab.Bin)
	if err == nil && slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" }) {
		return math.Inf(1)
	}
	return mostMiB
}
