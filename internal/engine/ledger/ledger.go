package ledger

import (
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/engine/mine"
	"healer-sidecar/internal/heal"
)

const (
	// recurringWindow and recurringCount define "recurring" (design, section 5).
	recurringWindow = time.Hour
	recurringCount  = 3
	// maxRemembered bounds the stamps kept per agent.
	maxRemembered = 1000
	// maxClosed bounds the closed incidents kept for status and stats.
	maxClosed = 200
	// maxProven bounds the probes kept for an agent.
	maxProven = 100
)

// Ledger is the folded state. It belongs to the engine's loop.
type Ledger struct {
	Boot   string `json:"boot"`
	Paused bool   `json:"paused,omitempty"`
	// Told says that the last sidecar ended because it was told to.
	Told   bool              `json:"told,omitempty"`
	Agents map[string]*Agent `json:"agents"`
	// Starts are the latest attempts of all agents that count against budgets.
	Starts []Start `json:"starts,omitempty"`
	// Learned is what came of experience.
	Learned learn.Book `json:"learned,omitzero"`
	Totals  Totals     `json:"totals"`
	// Miner knows which words of failures vary.
	Miner mine.Miner `json:"miner,omitzero"`
	// Baselines are what healthy runs print, by class.
	Baselines map[string]*Baseline `json:"baselines,omitempty"`
}

// Agent is what is remembered about one agent.
type Agent struct {
	// Desired is down only while a person wants it so.
	Down bool   `json:"down,omitempty"`
	Hold string `json:"hold,omitempty"`
	// HeldFor is the type of the failure that the sidecar itself holds the agent for, empty
	// when a person does; HeldAt is since when.
	HeldFor heal.ErrorType `json:"held_for,omitempty"`
	HeldAt  heal.Stamp     `json:"held_at,omitzero"`
	// Run is the run that is believed to be alive, Since when it was started.
	Run   *heal.RunFact `json:"run,omitempty"`
	Since heal.Stamp    `json:"since,omitzero"`
	// Attempts are the automatic attempts that count against the budget.
	Attempts []heal.Stamp `json:"attempts,omitempty"`
	// Drills are those against faults that were put in on purpose.
	Drills []heal.Stamp `json:"drills,omitempty"`
	// Failures are the sightings by type and by fingerprint.
	Failures []Failure `json:"failures,omitempty"`
	// Resumed are the fingerprints of the failures after which a session was resumed, since one last went
	// well or was begun afresh.
	Resumed []string `json:"resumed,omitempty"`
	// Score is the failure memory that sets the next delay; it halves with every
	// healthy_after of uptime.
	Score float64 `json:"score,omitempty"`
	Open  *Open   `json:"open,omitempty"`
	// Measures are what is in force of that which helped, the latest last; Eased says when
	// one of a strategy was last eased.
	Measures []Measure                    `json:"measures,omitempty"`
	Eased    map[heal.Strategy]heal.Stamp `json:"eased,omitempty"`
	// Generations is how many good ones were kept.
	Generations int `json:"generations,omitempty"`
	// Prevented is when the latest preventive attempt was made.
	Prevented heal.Stamp `json:"prevented,omitzero"`
	// Proven are the probes that were answered well at least once.
	Proven []string `json:"proven,omitempty"`
	// Returns are the failures that were called recovered, the latest last.
	Returns []Return `json:"returns,omitempty"`
	// Spend is what it used, nil for nothing; HeldBySpend says that it is held because a limit of that
	// is used up.
	Spend       *Spend `json:"spend,omitempty"`
	HeldBySpend bool   `json:"held_by_spend,omitempty"`
	// Healed is the latest lesson, if it is that running the agent again was enough.
	Healed *Healed `json:"healed,omitempty"`
}

// Healed is a recovery that may not hold.
type Healed struct {
	At     heal.Stamp  `json:"at"`
	Lesson heal.Lesson `json:"lesson"`
}

// futileWithin is how soon a failure must come back for what healed it to have been futile
// (ENGINE.md 2.5).
const futileWithin = time.Minute

// Futile returns what a failure that is seen now teaches about the remedy that was called
// recovered before it; nil for nothing.
func (a *Agent) Futile(now heal.Stamp, class, fingerprint string) *heal.Lesson {
	h := a.Healed
	if h == nil || h.Lesson.Class != class || h.Lesson.Fingerprint != fingerprint || now.Sub(h.At) > futileWithin {
		return nil
	}
	l := h.Lesson
	l.Outcome, l.Late, l.Lasted = heal.Relapsed, true, now.Sub(h.At)
	return &l
}

// Start is one attempt.
type Start struct {
	At    heal.Stamp `json:"at"`
	Agent string     `json:"agent"`
}

// Failure is one diagnosed incident.
type Failure struct {
	At          heal.Stamp     `json:"at"`
	Type        heal.ErrorType `json:"type"`
	Fingerprint string         `json:"fingerprint"`
}

// Open is an incident that has not been closed.
type Open struct {
	ID     string          `json:"id"`
	Opened heal.Stamp      `json:"opened"`
	Diag   *heal.Diagnosis `json:"diagnosis,omitempty"`
	// Attempt is the one whose outcome is not known yet.
	Attempt *heal.Attempt `json:"attempt,omitempty"`
	// Would is what shadow mode would have done first.
	Would *heal.Would `json:"would,omitempty"`
	// Tried counts the attempts by strategy, Number all of them, undo included.
	Tried  map[heal.Strategy]int `json:"tried,omitempty"`
	Number int                   `json:"number,omitempty"`
}

// Totals are the counters behind `stats`.
type Totals struct {
	Errors    int                    `json:"errors"`
	ByType    map[heal.ErrorType]int `json:"by_type"`
	Closed    map[heal.Outcome]int   `json:"closed"`
	Recovery  time.Duration          `json:"recovery"`
	Recovered int                    `json:"recovered"`
	Incidents []Closed               `json:"incidents,omitempty"`
	// Returned counts the recoveries after which the same failure came back within the hour.
	Returned int `json:"returned,omitempty"`
	// Shadow are the latest incidents in which shadow mode held a remedy back.
	Shadow []heal.Shadowed `json:"shadow,omitempty"`
}

// Closed is the summary of a closed incident.
type Closed struct {
	ID      string         `json:"id"`
	Agent   string         `json:"agent"`
	Type    heal.ErrorType `json:"type"`
	At      heal.Stamp     `json:"at"`
	Outcome heal.Outcome   `json:"outcome"`
	Took    time.Duration  `json:"took"`
}

// New returns an empty ledger.
func New() *Ledger {
	l := &Ledger{Agents: map[string]*Agent{}}
	l.Prepare()
	return l
}

// Learned is what came of experience, as against what must be known to supervise.
type Learned struct {
	Book  learn.Book `json:"book"`
	Miner mine.Miner `json:"miner"`
	// Baselines are what healthy runs print, by class.
	Baselines map[string]*Baseline `json:"baselines,omitempty"`
}

// AnyOpen reports whether an incident of any agent is open.
func (l *Ledger) AnyOpen() bool {
	for _, a := range l.Agents {
		if a.Open != nil {
			return true
		}
	}
	return false
}

// Unlearn takes everything out that was learned, and returns it.
func (l *Ledger) Unlearn() Learned {
	all := Learned{l.Learned, l.Miner, l.Baselines}
	l.Learned, l.Miner, l.Baselines = learn.Book{}, mine.Miner{}, nil
	l.Prepare()
	return all
}

// Prepare fills in what a snapshot does not carry. It must be called after
// decoding one.
func (l *Ledger) Prepare() {
	if l.Agents == nil {
		l.Agents = map[string]*Agent{}
	}
	for name, a := range l.Agents {
		if a == nil { // who edited the file by hand
			delete(l.Agents, name)
		}
	}
	for name, b := range l.Baselines {
		if b == nil {
			delete(l.Baselines, name)
		}
	}
	if l.Totals.ByType == nil {
		l.Totals.ByType = map[heal.ErrorType]int{}
	}
	if l.Totals.Closed == nil {
		l.Totals.Closed = map[heal.Outcome]int{}
	}
	l.Learned.Prepare()
}

// Agent returns the record of an agent, made on first use.
func (l *Ledger) Agent(name string) *Agent {
	a, ok := l.Agents[name]
	if !ok {
		a = &Agent{}
		l.Agents[name] = a
	}
	return a
}

// Rebase moves all stamps of an earlier boot onto the clock of now.
func (l *Ledger) Rebase(boot string, now heal.Stamp) {
	if l.Boot != "" && l.Boot != boot {
		for _, a := range l.Agents {
			for i := range a.Attempts {
				a.Attempts[i] = a.Attempts[i].Rebase(now)
			}
			for i := range a.Drills {
				a.Drills[i] = a.Drills[i].Rebase(now)
			}
			for i := range a.Failures {
				a.Failures[i].At = a.Failures[i].At.Rebase(now)
			}
			a.Since = a.Since.Rebase(now)
			a.rebaseMeasures(now)
			a.Spend.rebase(now)
			if a.Healed != nil {
				a.Healed.At = a.Healed.At.Rebase(now)
			}
			if a.Open != nil {
				a.Open.Opened = a.Open.Opened.Rebase(now)
			}
		}
	}
	if l.Boot != "" && l.Boot != boot {
		for i := range l.Starts {
			l.Starts[i].At = l.Starts[i].At.Rebase(now)
		}
	}
	l.Boot = boot
}

// Recurring reports whether a failure that is seen now makes at least three of the
// same type or fingerprint within an hour.
func (a *Agent) Recurring(now heal.Stamp, t heal.ErrorType, fingerprint string) bool {
	same := 1
	for _, f := range a.Failures {
		if now.Sub(f.At) <= recurringWindow && (f.Type == t || f.Fingerprint == fingerprint) {
			same++
		}
	}
	return same >= recurringCount
}

// resumeWithin is the uptime within which an end tells of what a run began with.
const resumeWithin = time.Minute

// DiedAgain reports that a run ended soon after its start, of the very failure that was
// seen last.
func (a *Agent) DiedAgain(fingerprint string, exit *heal.Exit) bool {
	n := len(a.Failures)
	return n > 0 && exit != nil && exit.Uptime < resumeWithin && a.Failures[n-1].Fingerprint == fingerprint
}

// SameAsLast reports that a failure is the one that was seen last, within the hour.
func (a *Agent) SameAsLast(now heal.Stamp, fingerprint string) bool {
	n := len(a.Failures)
	return n > 0 && a.Failures[n-1].Fingerprint == fingerprint && now.Sub(a.Failures[n-1].At) <= recurringWindow
}

// Spent returns the budgeted attempts inside the window, oldest first.
func (a *Agent) Spent(now heal.Stamp, window time.Duration) []heal.Stamp {
	return Within(a.Attempts, now, window)
}

// Within returns the stamps inside a window that ends now; they must be in order.
func Within(all []heal.Stamp, now heal.Stamp, window time.Duration) []heal.Stamp {
	i := slices.IndexFunc(all, func(s heal.Stamp) bool { return now.Sub(s) < window })
	if i < 0 {
		return nil
	}
	return all[i:]
}

// Decayed is the failure score after an uptime.
func (a *Agent) Decayed(uptime, halfLife time.Duration) float64 {
	if halfLife <= 0 {
		return 0
	}
	return a.Score * math.Exp2(-uptime.Seconds()/halfLife.Seconds())
}

func keepLast[T any](list []T, n int) []T {
	if len(list) > n {
		return slices.Delete(list, 0, len(list)-n)
	}
	return list
}
