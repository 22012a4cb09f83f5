package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// hitsLast is how long a refused fork or page says that a limit is too tight.
const hitsLast = time.Minute

// cgroupLimitEvents tells when a limit of the agent's own cgroup refused something. The counters of a cgroup
// that was made for this run begin at 0, so that what is refused before the first look is seen;
// only of a run that was taken over the first look is the base.
type cgroupLimitEvents struct {
	known  bool
	count  float64
	recent time.Duration
	bad    bool
}

func decodeCgroupLimitEvents(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, nil)
	s.addCgroupLimitEvents(b.Title())
	return f.Diags
}

// addCgroupLimitEvents watches the limits once, whoever asks for it.
func (s *Spec) addCgroupLimitEvents(name string) {
	if slices.ContainsFunc(s.Checks, func(c Check) bool { return slices.Contains(c.Resources, heal.LimitHits) }) {
		return
	}
	s.Checks = append(s.Checks, Check{
		Name: name, Witness: heal.WitnessResource, Resources: []heal.Resource{heal.LimitHits},
		begin: func() judge { return &cgroupLimitEvents{} },
	})
}

func (h *cgroupLimitEvents) look(m sample) finding {
	if m.usage.Hits == nil {
		return finding{unknown: true, text: "the agent has no cgroup of its own whose limits could be read"}
	}
	more := *m.usage.Hits - h.count
	if more < 0 { // limits were lifted and put on again: the counters are new
		more = *m.usage.Hits
	}
	if (h.known || !m.taken) && more > 0 {
		h.bad, h.recent = true, m.at
	}
	h.known, h.count = true, *m.usage.Hits
	h.bad = h.bad && m.at-h.recent < hitsLast
	text := fmt.Sprintf("a limit of its cgroup refused something, %.0f times in this run", h.count)
	return finding{bad: h.bad, vote: heal.Vote{Type: heal.ResourceExhaustion, Weight: 0.85, Why: text}, text: text}
}
