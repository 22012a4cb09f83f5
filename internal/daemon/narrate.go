package daemon

import (
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// narrate tells the log what a person who watches should know.
func narrate(log hclog.Logger, e heal.Event) {
	log = log.With("agent", e.Agent)
	switch e.Kind {
	case heal.EventStarted:
		log.Info("started", "pid", e.Run.PID, "run", e.Run.Run)
	case heal.EventAdopted:
		log.Info("adopted", "pid", e.Run.PID, "run", e.Run.Run, "because", e.Note)
	case heal.EventFinished:
		log.Info("finished", "exit", present.Exit(e.Exit))
	case heal.EventExited:
		log.Info("ended", "exit", present.Exit(e.Exit))
	case heal.EventSignal:
		if e.Signal.State == heal.StateUnknown {
			log.Warn("cannot be read", "detector", e.Signal.Detector, "cause", e.Signal.Text)
		}
	case heal.EventDiagnosed:
		log.Warn("diagnosed", "type", e.Diag.Type, "confidence", e.Diag.Confidence, "incident", e.Incident)
	case heal.EventPlanned:
		log.Info("planned", "next", e.Note, "incident", e.Incident)
	case heal.EventResult:
		if e.Result.Error != "" {
			log.Warn("attempt failed", "attempt", e.Result.Attempt, "cause", e.Result.Error)
		}
	case heal.EventOutcome:
		log.Info("verified", "outcome", e.Outcome, "because", e.Note)
	case heal.EventClosed:
		log.Info("incident closed", "incident", e.Incident, "outcome", e.Outcome, "after", e.Took.Round(time.Millisecond))
	case heal.EventNote:
		log.Info("note", "what", e.Note)
	case heal.EventSpend:
		if e.Note != "" {
			log.Warn("spend", "what", e.Note)
		}
	case heal.EventHeld:
		log.Warn("held", "because", e.Note)
	case heal.EventSlow, heal.EventGaveUp:
		log.Warn(string(e.Kind), "because", e.Note)
	}
}
