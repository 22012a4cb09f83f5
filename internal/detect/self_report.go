package detect

import (
	"context"
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/heal"
)

// reportWeight is how much an agent's own word counts: more than any line of output.
const reportWeight = 0.95

// Said takes what the agent says about itself.
func (a *Agent) Said(ctx context.Context, r inbox.Report) {
	select {
	case a.reports <- r:
	case <-a.done:
	case <-ctx.Done():
	}
}

// token is what a report in the output must carry; empty where none is heard.
func (a *Agent) token() string {
	if !a.spec.Output.Reports {
		return ""
	}
	return a.runID
}

// up is for how long the run has been watched; time in which we stood still does not
// count.
func (a *Agent) up() time.Duration { return time.Since(a.since) - a.lost }

func (a *Agent) selfReported(r inbox.Report) {
	if !a.running {
		return
	}
	up := max(a.up(), 1)
	if r.Heartbeat {
		a.word.beat = up
	}
	if r.Progress != nil {
		a.word.beat = up
		if a.word.marked == 0 || *r.Progress > a.word.progress {
			a.word.marked, a.proved = up, time.Now()
			a.advanced()
		}
		a.word.progress = *r.Progress
	}
	if r.Lease != nil {
		a.word.busyUntil = up + r.LeaseFor()
	}
	if u, any := r.Usage(); any {
		u.Run, u.Model = a.runID, redact.Printable([]byte(u.Model), textWidth)
		a.sink.Used(a.spec.Agent, u)
	}
	if r.SafePoint != nil {
		a.sink.SafePoint(a.spec.Agent, a.run, *r.SafePoint)
	}
	if r.Ready {
		a.proved = time.Now()
		a.sink.Ready(a.spec.Agent, a.run, true)
	}
	if r.Restart && a.telling[others].take(time.Now()) {
		a.sink.Wished(a.spec.Agent, a.run)
	}
	if r.Type != "" && a.telling[others].take(time.Now()) {
		a.failed(r)
	}
}

// failed passes the agent's own word of a failure on.
func (a *Agent) failed(r inbox.Report) {
	text := redact.Kept([]byte(r.Message), textWidth)
	s := heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: "report", State: heal.Raised, Witness: heal.WitnessReport, Text: text,
		Vote:     &heal.Vote{Type: r.Type, Weight: reportWeight, Why: "the agent says: " + text},
		Critical: r.Critical || r.Severity != nil && *r.Severity >= heal.CriticalSeverity, Retries: r.Retries,
	}
	s.Lines, s.Output = a.textEvidence(nil)
	a.sink.Signal(s)
}
