package detect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/probe"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// usualWindow is the span over which waiting is added up, leastWindow and mostWindow what
// the kernel accepts.
const usualWindow, leastWindow, mostWindow = time.Second, 500 * time.Millisecond, 10 * time.Second

func decodePressure(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"some", "full", "window"})
	stall, window := time.Duration(0), usualWindow
	f.Duration("window", leastWindow, &window)
	f.Duration("some", time.Millisecond, &stall)
	f.Duration("full", time.Millisecond, &stall)
	full := f.Has("full")
	switch {
	case f.Diags.HasErrors():
	case !slices.Contains(sampling.PressureResources, b.Label):
		f.Diags = append(f.Diags, config.Problem(b.Range, fmt.Sprintf("%q is no resource to wait for", b.Label), config.Suggest(b.Label, sampling.PressureResources)))
	case full == f.Has("some"):
		f.Diags = append(f.Diags, config.Problem(b.Range, "pressure needs some or full", `add some = "150ms" (a process waited) or full = "100ms" (all of them did)`))
	case window > mostWindow || stall > window:
		f.Wrong("window", fmt.Sprintf("%s within %s cannot be watched", stall, window), "use a window of 500ms to 10s that is longer than the time waited")
	}
	m := CommandMetric{Threshold: Threshold{Name: b.Title(), Resource: heal.Resource(heal.PressureOf + b.Label + " in ms"), Above: float64(stall.Milliseconds()) - 0.5}}
	m.measure = func(ctx context.Context, _ probe.Tools, tell func(*float64)) {
		sampling.WatchPressure(ctx, sampling.PressureLine{Resource: b.Label, Full: full}, stall, window, func(d time.Duration, ok bool) {
			if !ok {
				tell(nil)
				return
			}
			tell(value(float64(d.Milliseconds())))
		})
	}
	s.Meters = append(s.Meters, m)
	return f.Diags
}
