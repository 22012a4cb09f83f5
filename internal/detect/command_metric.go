package detect

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/probe"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
)

const (
	// meterEvery is how often a command is asked, meterWithin how long it may take.
	meterEvery, meterWithin = 10 * time.Second, 5 * time.Second
	// longestNumber bounds what is read of its output.
	longestNumber = 4096
)

// CommandMetric measures something by itself, while an agent runs, and is judged like any other
// reading.
type CommandMetric struct {
	Threshold
	// Config is everything that the policy says of it: it tells two versions apart.
	Config string
	// measure tells readings until the context ends; nil is one that could not be taken.
	measure func(ctx context.Context, tools probe.Tools, tell func(*float64))
}

// metered is one reading of a meter in one run.
type metered struct {
	name  string
	run   int
	value *float64
}

// commandMetric judges a reading.
func (a *Agent) commandMetric(m metered) {
	if !a.running || m.run != a.run {
		return
	}
	for _, g := range a.meters {
		if g.Name == m.name {
			a.thresholdStateOf(g, kernel.SinceBoot(), m.value)
		}
	}
}

func decodeCommandMetric(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"command", "above", "for", "every"})
	m := CommandMetric{Threshold: Threshold{Name: b.Title(), Resource: heal.Resource(b.Label)}}
	var command []string
	every := meterEvery
	f.Texts("command", &command)
	f.Number("above", 0, 1e18, &m.Above)
	f.Duration("for", 0, &m.For)
	f.Duration("every", time.Second, &every)
	if b.Label == "" || len(command) == 0 || !f.Has("above") {
		f.Diags = append(f.Diags, config.Problem(b.Range, "a reading needs a name, a command and a limit",
			`write detect "reading" "gpu" { command = ["gpu-memory"]  above = 9000 }`))
	}
	dir := a.Dir
	m.measure = func(ctx context.Context, tools probe.Tools, tell func(*float64)) {
		for {
			tell(numberOf(ctx, command, dir, tools))
			select {
			case <-time.After(every):
			case <-ctx.Done():
				return
			}
		}
	}
	s.Meters = append(s.Meters, m)
	return f.Diags
}

// numberOf runs a command and returns the number that it prints; nil when there is none.
func numberOf(ctx context.Context, command []string, dir string, tools probe.Tools) *float64 {
	ctx, cancel := context.WithTimeout(ctx, meterWithin)
	defer cancel()
	out, err := tools.ToolOutput(ctx, procs.Command{Argv: command, Env: kernel.InheritedEnv(), Dir: dir}, longestNumber)
	if fields := strings.Fields(string(out)); err == nil && len(fields) > 0 {
		if v, err := strconv.ParseFloat(strings.TrimSuffix(fields[0], "%"), 64); err == nil {
			return &v
		}
	}
	return nil
}
