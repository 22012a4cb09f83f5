package actions

import (
	"context"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/notify"
)

// escalate tells people in every declared way, and in our log always. What cannot be
// delivered now is kept and tried again.
func escalate(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	n := notify.Notice{
		At: time.Now(), Host: r.Host, Agent: a.Agent, Incident: a.Incident, Reason: a.Params.Reason, Hold: a.Params.Hold, Resolved: a.Params.Resolved,
		Diagnosis: a.Diagnosis,
	}
	if n.Resolved {
		r.Log.Info("people are notified that it is over", "agent", n.Agent, "incident", n.Incident, "reason", n.Reason)
	} else {
		r.Log.Error("people are needed", "agent", n.Agent, "incident", n.Incident, "reason", n.Reason)
	}
	if a.Params.Quiet {
		return []string{"told the log; a person knows of it"}, nil
	}
	done, err := r.Outbox.Tell(ctx, n)
	return append([]string{"told the log"}, done...), err
}
