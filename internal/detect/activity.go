package detect

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

const (
	// idleCPU is the percent of a core below which nothing is computed. burntCPU is what
	// a loop without end gets at least of a core that it has to share.
	idleCPU, burntCPU = 1.0, 60.0
	// idleIO is how many bytes a second are no work: timers and polls read a few.
	idleIO = 512
	// gapsKnown is how many gaps in the output it takes to know what is usual, and
	// gapFactor how many times the longest of them is not.
	gapsKnown, gapFactor = 10, 10
)

// activity follows whether anything gets done.
type activity struct {
	// idle, burning and stuck are since when nothing was done, a core burnt without any
	// effect, and everything blocked; zero for not now.
	idle, burning, stuck time.Duration
	lastIO               float64
	// share of a core is the most that the tree may use; zero for no limit.
	share    float64
	known    bool
	members  int
	youngest uint64
	// gaps counts the pauses in the output, longest is the longest of them.
	gaps    int
	longest time.Duration
	quiet   time.Duration
}

// see takes a look into account.
func (a *activity) see(m sample) {
	moved := m.usage.IO != nil && a.known && *m.usage.IO-a.lastIO > idleIO
	if m.usage.IO != nil {
		a.lastIO, a.known = *m.usage.IO, true
	}
	if m.quiet < a.quiet { // it has printed since
		a.gaps, a.longest = a.gaps+1, max(a.longest, a.quiet)
		moved = true
	}
	a.quiet = m.quiet
	// A child that was started or has ended is work, too: a tool is being called.
	if m.usage.Processes != a.members || m.usage.Youngest != a.youngest {
		a.members, a.youngest, moved = m.usage.Processes, m.usage.Youngest, true
	}
	cpu := 0.0
	if m.usage.CPU != nil {
		cpu = *m.usage.CPU
	}
	since(&a.idle, m.at, !moved && cpu < idleCPU && m.usage.CPU != nil)
	burnt := burntCPU
	if a.share > 0 && a.share < 1 {
		burnt *= a.share
	}
	since(&a.burning, m.at, !moved && cpu > burnt)
	since(&a.stuck, m.at, m.usage.Processes > 0 && m.usage.Blocked == m.usage.Processes)
}

// since keeps when something began to hold.
func since(at *time.Duration, now time.Duration, holds bool) {
	switch {
	case !holds:
		*at = 0
	case *at == 0:
		*at = now
	}
}

// lasts is for how long something has held.
func lasts(at, now time.Duration) time.Duration {
	if at == 0 {
		return 0
	}
	return now - at
}

// waits reports that a child younger than the last output is alive: a tool was called
// and is waited for.
func (a *activity) waits(m sample) bool {
	return m.usage.Processes > 1 && kernel.StartedAt(a.youngest) > m.at-m.quiet-time.Second
}

// behaviour is a check over the activity of the tree.
type behaviour struct {
	activity
	limit time.Duration
	bad   func(*behaviour, sample) (finding, bool)
}

func (b *behaviour) look(m sample) finding {
	b.see(m)
	if m.leased() {
		return finding{}
	}
	f, bad := b.bad(b, m)
	f.bad = bad
	return f
}

func stalled(b *behaviour, m sample) (finding, bool) {
	why := ""
	switch idle := lasts(b.idle, m.at); {
	case lasts(b.stuck, m.at) >= b.limit:
		why = "all of it is in uninterruptible sleep"
	case idle < b.limit || b.waits(m):
	case b.gaps >= gapsKnown && m.quiet > gapFactor*b.longest:
		why = fmt.Sprintf("it computes, reads and writes nothing, and its output, which paused for %s at most, pauses for %s", b.longest.Round(time.Millisecond), m.quiet.Round(time.Second))
	case m.word.beat > 0 && m.up-m.word.beat >= b.limit:
		why = "it computes, reads and writes nothing, and its heartbeat does not advance"
	}
	return finding{vote: heal.Vote{Type: heal.ExecutionFailure, Weight: 0.8, Why: "hang: " + why}, text: why}, why != ""
}

func spinning(b *behaviour, m sample) (finding, bool) {
	burning := lasts(b.burning, m.at)
	if m.word.marked > 0 && m.up-m.word.marked < b.limit {
		return finding{}, false
	}
	why := fmt.Sprintf("it burns a core since %s and prints, reads and writes nothing", burning.Round(time.Second))
	return finding{vote: heal.Vote{Type: heal.ExecutionFailure, Weight: 0.8, Why: "spin: " + why}, text: why}, burning >= b.limit
}

func silent(b *behaviour, m sample) (finding, bool) {
	works := lasts(b.idle, m.at) < b.limit || b.waits(m)
	why := fmt.Sprintf("nothing was printed for %s, and nothing is computed, read or written", m.quiet.Round(time.Second))
	return finding{vote: heal.Vote{Type: heal.ExecutionFailure, Weight: 0.8, Why: "silence: " + why}, text: why}, m.quiet >= b.limit && !works
}

// behaves returns the decoder of a kind that looks at the activity of the tree for a
// time.
func behaves(usual time.Duration, bad func(*behaviour, sample) (finding, bool)) func(config.Block, config.Agent, *Spec) hcl.Diagnostics {
	return func(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
		f := config.Open(b.Body, []string{"for"})
		limit := usual
		f.Duration("for", 2*sampleEvery, &limit)
		s.Checks = append(s.Checks, Check{
			Name: b.Title(), Witness: heal.WitnessLiveness, IO: true,
			begin: func() judge {
				return &behaviour{activity: activity{share: a.Limits.CPU / 100}, limit: limit, bad: bad}
			},
		})
		return f.Diags
	}
}
