package detect

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/forecast"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// leak foretells when a resource runs out.
type leak struct {
	Threshold
	*forecast.Exhaustion
}

func decodeLeak(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"resource", "limit", "path"})
	l := leak{Threshold: Threshold{Resource: heal.Memory, Above: float64(a.Limits.Memory)}}
	name := string(l.Resource)
	f.Choice("resource", []string{string(heal.Memory), string(heal.FDs), string(heal.Threads), string(heal.Disk), string(heal.Inodes), string(heal.PSS), string(heal.Connections)}, &name)
	l.Resource = heal.Resource(name)
	if l.Resource != heal.Memory && l.Resource != heal.PSS {
		l.Above = 0
	}
	if f.Has("limit") {
		readLimit(f, l.Resource, &l.Above)
	}
	if onDisk(l.Resource) {
		l.Path, l.Above = ".", 100
		f.Text("path", &l.Path)
		l.Path = config.Under(a.Dir, l.Path)
	}
	if l.Above == 0 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, config.Problem(b.Range, "leak has no limit to run into", `add limit = "2GiB" (or a number for fds and threads), or declare limits { memory }`))
	}
	s.Checks = append(s.Checks, l.check(b.Title()))
	return f.Diags
}

func readLimit(f *config.Fields, r heal.Resource, into *float64) {
	if r == heal.Memory || r == heal.PSS {
		var size uint64
		f.Size("limit", &size)
		*into = float64(size)
		return
	}
	f.Number("limit", 1, 1<<30, into)
}

// check makes a check of it.
func (l leak) check(name string) Check {
	c := Check{Name: name, Witness: heal.WitnessForecast, Resources: []heal.Resource{l.Resource}, Path: l.Path, Config: fmt.Sprint(l.Threshold)}
	c.begin = func() judge {
		one := l
		one.Exhaustion = forecast.NewExhaustion()
		return &one
	}
	return c
}

func (l *leak) inherit(before judge) {
	if old, ok := before.(*leak); ok {
		l.Exhaustion = old.NextLife()
	}
}

func (l *leak) look(m sample) finding {
	value := l.reading("", sampling.Snapshot{Usage: map[string]sampling.Usage{"": m.usage}, Disks: m.disks, Inodes: m.inodes})
	if value == nil {
		return finding{unknown: true, text: fmt.Sprintf("%s cannot be read", l.Resource)}
	}
	v := l.Add(m.at, *value/l.Above)
	text := fmt.Sprintf("%s runs out in %s: %.0f %% of %s, and %.1f %% more each hour", l.Resource, v.In.Round(time.Minute), 100*v.Level, l.Resource.Amount(l.Above), 100*v.Rate)
	typ := heal.ResourceExhaustion
	return finding{bad: v.Warned, urgent: v.Urgent, left: v.In, vote: heal.Vote{Type: typ, Weight: 0.8, Why: text}, text: text, end: &heal.Reading{Resource: l.Resource, Value: *value, Limit: l.Above}}
}
