package detect

import (
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// heartbeat is something that the agent has to do again and again: tell us, or touch a
// file.
type heartbeat struct {
	missing, startup time.Duration
	file             string
	progress         bool

	touched  time.Time
	touchAt  time.Duration
	hadTouch bool
	// looked is the uptime of the last look at the file, left how long it may still be missing.
	looked, left time.Duration
}

func decodeHeartbeat(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"missing_for", "startup", "file", "progress"})
	h := heartbeat{}
	f.Duration("missing_for", 2*sampleEvery, &h.missing)
	h.startup = h.missing
	f.Duration("startup", 0, &h.startup)
	f.Text("file", &h.file)
	h.file = config.Under(a.Dir, h.file)
	f.Flag("progress", &h.progress)
	switch {
	case !f.Has("missing_for") && !f.Diags.HasErrors():
		f.Diags = append(f.Diags, config.Problem(b.Range, "heartbeat does not say how long it may be missing", `add missing_for = "45s"`))
	case h.file != "" && h.progress:
		f.Wrong("progress", "a file that is touched tells of no progress", "report progress through NOTIFY_SOCKET or HEALER_SOCKET, or leave progress out")
	}
	s.Checks = append(s.Checks, Check{
		Name: b.Title(), Witness: heal.WitnessLiveness,
		begin: func() judge { one := h; return &one },
	})
	return f.Diags
}

func (h *heartbeat) look(m sample) finding {
	last := m.word.beat
	what := "no heartbeat came"
	switch {
	case h.file != "":
		last = h.touch(m)
		what = "its heartbeat file was not touched"
	case h.progress:
		last = m.word.marked
		what = "no heartbeat told of progress"
	}
	limit := h.missing
	if last == 0 {
		limit = max(h.startup, h.missing)
	}
	h.left = max(limit-(m.up-last), m.word.busyUntil-m.up)
	if h.left > 0 {
		// A remedy is proven when the work moves, not when the agent lives.
		return finding{unknown: h.progress && last == 0, text: "no progress was told yet"}
	}
	why := fmt.Sprintf("%s for %s", what, (m.up - last).Round(time.Second))
	return finding{bad: true, vote: heal.Vote{Type: heal.ExecutionFailure, Weight: 0.85, Why: "heartbeat: " + why}, text: why}
}

// next is how long the beat may still be missing.
func (h *heartbeat) next() time.Duration { return h.left }

// touch is the uptime at which the file was touched last. What the clock says of that is
// believed as far as it lies between the two looks in which it must have happened: no clock
// has to be right.
func (h *heartbeat) touch(m sample) time.Duration {
	before := h.looked
	h.looked = m.up
	info, err := os.Stat(h.file)
	if err != nil {
		return h.touchAt
	}
	if at := info.ModTime(); !h.hadTouch || !at.Equal(h.touched) {
		first, age := !h.hadTouch, time.Since(at)
		h.touched, h.hadTouch = at, true
		if !first || age < m.up { // one from before this run is no beat
			h.touchAt = m.up - min(max(age, 0), m.up-before)
		}
	}
	return h.touchAt
}
