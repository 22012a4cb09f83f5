package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Apply folds one event into the ledger. Events of kinds that leave no trace
// here are ignored.
func (l *Ledger) Apply(e heal.Event) {
	switch e.Kind {
	case heal.EventPaused:
		l.Paused = e.On != nil && *e.On
	case heal.EventCommand:
		l.order(e)
	case heal.EventOrderDone:
		if e.Command != nil && e.Command.Command == heal.CommandRestore { // without the state it stays as it was
			l.wantedUp(e.Agent)
		}
	case heal.EventStarted:
		l.Agent(e.Agent).began(e)
	case heal.EventExited, heal.EventFinished:
		l.Agent(e.Agent).ended(e.Exit)
	case heal.EventSignal:
		if s := e.Signal; s != nil && s.Probe != "" && s.State == heal.Cleared {
			l.Agent(e.Agent).prove(s.Probe)
		}
	case heal.EventOpened:
		l.Agent(e.Agent).Open = &Open{ID: e.Incident, Opened: e.At}
	case heal.EventDiagnosed:
		l.diagnosed(e)
	case heal.EventPlanned:
		if a := l.Agent(e.Agent); a.Open != nil && a.Open.Would == nil && e.Plan != nil && e.Plan.Would != "" {
			a.Open.Would = &heal.Would{Strategy: e.Plan.Would, Success: e.Plan.Success, Duration: e.Plan.Duration}
		}
	case heal.EventAttempt:
		l.attempted(e)
	case heal.EventOutcome:
		if a := l.Agent(e.Agent); a.Open != nil {
			a.Open.Attempt = nil
		}
		if (e.Outcome == heal.Recovered || e.Outcome == heal.OutcomeUnknown) && e.Attempt != nil && e.Attempt.Task == "" {
			l.Agent(e.Agent).helped(e.At, *e.Attempt)
		}
	case heal.EventLesson:
		if e.Lesson != nil {
			l.Learned.Learn(e.At, *e.Lesson)
			l.Agent(e.Agent).taught(e.At, *e.Lesson)
		}
	case heal.EventSnapshot, heal.EventResult:
		if e.Result != nil && (e.Kind == heal.EventSnapshot || e.Result.Generations > 0) { // a person took one
			l.Agent(e.Agent).Generations = e.Result.Generations
		}
	case heal.EventHeard:
		for _, s := range e.Shared {
			l.Learned.Hear(e.At, s)
		}
	case heal.EventUsage, heal.EventSpend:
		l.spent(e)
	case heal.EventBaseline:
		l.healthy(e.At, e.Healthy)
	case heal.EventClosed:
		l.closed(e)
	case heal.EventHeld, heal.EventReleased, heal.EventReset:
		l.hold(e)
	case heal.EventSidecarStarted, heal.EventSidecarStopped:
		l.Told = e.On != nil && *e.On
	}
}

// began notes a new run.
func (a *Agent) began(e heal.Event) {
	a.Run, a.Since = e.Run, e.At
	a.ran()
	if e.Run != nil && a.Spend != nil {
		a.Spend.began(e.Run.ID)
	}
}

// order keeps what a person wants apart from what is.
func (l *Ledger) order(e heal.Event) {
	if e.Command == nil || e.Agent == "" {
		return
	}
	switch e.Command.Command {
	case heal.CommandPin:
		l.Learned.Pin(e.Command.Class, e.Command.Fingerprint, e.Command.Strategy)
	case heal.CommandForget:
		l.Learned.Forget(e.Command.Class, e.Command.Fingerprint)
	case heal.CommandStop:
		l.Agent(e.Agent).Down = true
	case heal.CommandStart, heal.CommandRestart, heal.CommandRelease:
		l.wantedUp(e.Agent)
	}
}

// prove notes that a probe was answered well.
func (a *Agent) prove(probe string) {
	if !slices.Contains(a.Proven, probe) {
		a.Proven = keepLast(append(a.Proven, probe), maxProven)
	}
}

// wantedUp notes that a person wants the agent to run, whatever was before.
func (l *Ledger) wantedUp(agent string) {
	if s := l.Agent(agent).Spend; s != nil {
		s.forgive()
	}
	l.Agent(agent).Down = false
	l.Agent(agent).free()
	l.refill(agent)
}

// taught remembers what a failure that comes back soon would refute. A time to wait that the
// evidence named was right even so, and a remedy that changed something may have mended what
// broke anew.
func (a *Agent) taught(at heal.Stamp, l heal.Lesson) {
	a.Healed = nil
	if l.Outcome == heal.Recovered && l.Strategy.OnlyRuns() && l.Named == 0 {
		a.Healed = &Healed{at, l}
	}
}

func (l *Ledger) diagnosed(e heal.Event) {
	a := l.Agent(e.Agent)
	if e.Diag == nil {
		return
	}
	if e.Diag.Foretold {
		if a.Open != nil {
			a.Open.Diag = e.Diag
		}
		return // nothing has failed
	}
	l.Miner.General(e.Diag.Class, e.Diag.Masked)
	if a.cameBack(e.Diag.Fingerprint, e.At) {
		l.Totals.Returned++
	}
	a.Failures = keepLast(append(a.Failures, Failure{e.At, e.Diag.Type, e.Diag.Fingerprint}), maxRemembered)
	l.countError(a, e.Diag.Type)
	if a.Open != nil {
		a.Open.Diag = e.Diag
	}
}

// countError counts an incident once, as what it was judged last.
func (l *Ledger) countError(a *Agent, t heal.ErrorType) {
	if a.Open == nil || a.Open.Diag == nil {
		l.Totals.Errors++
		l.Totals.ByType[t]++
		return
	}
	if before := a.Open.Diag.Type; before != t {
		l.Totals.ByType[t]++
		if l.Totals.ByType[before]--; l.Totals.ByType[before] <= 0 {
			delete(l.Totals.ByType, before)
		}
	}
}

// attempted counts an automatic attempt. It carries the failure memory after it,
// so that the delays after a restart of ours go on where they were.
func (l *Ledger) attempted(e heal.Event) {
	a := l.Agent(e.Agent)
	if e.Attempt == nil || e.Attempt.Task != "" {
		return
	}
	if e.Attempt.Ease {
		a.eased(e.At, e.Attempt.Strategy, e.Attempt.Params.Steps)
		return
	}
	a.resumed(*e.Attempt)
	if e.Attempt.Undo {
		a.undone(e.Attempt.Strategy, e.Attempt.Params)
	}
	if e.Attempt.Preventive {
		a.Prevented = e.At
	}
	if a.Open != nil {
		a.Open.count(*e.Attempt)
	}
	switch budgeted := e.On != nil && *e.On; {
	case e.Attempt.Drill && budgeted:
		a.Drills = keepLast(append(a.Drills, e.At), maxRemembered)
	case budgeted:
		a.Attempts = keepLast(append(a.Attempts, e.At), maxRemembered)
		l.Starts = keepLast(append(l.Starts, Start{e.At, e.Agent}), maxRemembered)
	}
	if e.Attempt.Strategy != heal.Escalate && !e.Attempt.Undo && !e.Attempt.Drill {
		a.Score = e.Attempt.Score
	}
}

func (o *Open) count(a heal.Attempt) {
	o.Number++
	if a.Undo {
		return
	}
	o.Attempt = &a
	if o.Tried == nil {
		o.Tried = map[heal.Strategy]int{}
	}
	o.Tried[a.Strategy]++
}

func (l *Ledger) closed(e heal.Event) {
	a := l.Agent(e.Agent)
	c := Closed{ID: e.Incident, Agent: e.Agent, At: e.At, Outcome: e.Outcome, Took: e.Took, Type: heal.Unknown}
	if e.Diag != nil {
		c.Type = e.Diag.Type
	}
	if a.Open != nil && a.Open.Would != nil {
		l.Totals.Shadow = keepLast(append(l.Totals.Shadow, heal.Shadowed{
			Incident: e.Incident, Agent: e.Agent, Type: c.Type, At: e.At.Wall, Would: *a.Open.Would, Outcome: e.Outcome, Took: e.Took, How: e.Note,
		}), maxClosed)
	}
	if a.Open != nil && a.Open.Attempt != nil {
		a.helped(e.At, *a.Open.Attempt) // nobody has taken it back
	}
	a.Open = nil
	if e.Diag != nil && e.Diag.Foretold {
		return
	}
	l.Totals.Closed[e.Outcome]++
	if e.Outcome == heal.Recovered {
		l.Totals.Recovered++
		l.Totals.Recovery += e.Took
		if e.Diag != nil {
			a.recovered(e.Diag.Fingerprint, e.At)
		}
	}
	l.Totals.Incidents = keepLast(append(l.Totals.Incidents, c), maxClosed)
}

// Recent counts the failures of all agents inside a window.
func (l *Ledger) Recent(now heal.Stamp, window time.Duration) int {
	n := 0
	for _, a := range l.Agents {
		for _, f := range a.Failures {
			if now.Sub(f.At) <= window {
				n++
			}
		}
	}
	return n
}
