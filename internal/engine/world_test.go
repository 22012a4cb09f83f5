package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// world is what surrounds the core in a script: a clock, the timers that it set,
// the attempts that it handed out, and everything that it recorded.
type world struct {
	// launched says that agents which are named now come later.
	launched bool
	t        *testing.T
	core     *Core
	now      heal.Stamp
	specs    []heal.Policy
	timers   map[Timer]WakeAt
	acts     []heal.Attempt
	recorded []heal.Event
	runs     map[string]int
	boots    int
	found    map[string]heal.Found
	reader   *classify.Classifier
	// asked is what the fleet was asked last.
	asked heal.FleetAsk
}

var dawn = heal.Stamp{Mono: time.Hour, Wall: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: dawn, runs: map[string]int{}, reader: builtin(), found: map[string]heal.Found{}}
	w.reborn()
	return w
}

// builtin is the classifier without rules of an operator.
var builtin = sync.OnceValue(func() *classify.Classifier {
	c, err := classify.New(nil)
	if err != nil {
		panic(err)
	}
	return c
})

// reborn is a sidecar that starts over what an earlier one recorded.
func (w *world) reborn() {
	l := ledger.New()
	for _, e := range w.recorded {
		l.Apply(e)
	}
	w.boots++
	w.core = New(l, fmt.Sprint("boot-", w.boots), heal.DefaultHost(), w.specs)
	w.timers, w.acts = map[Timer]WakeAt{}, nil
}

// step gives the core a message and tells what it did.
func (w *world) step(m Message) string {
	var out strings.Builder
	for _, e := range w.core.Step(w.now, m) {
		switch e := e.(type) {
		case Record:
			for _, event := range e.Events {
				w.recorded = append(w.recorded, event)
				fmt.Fprintf(&out, "  record %s%s\n", tell(event), map[bool]string{true: " (durable)"}[e.Durable])
			}
		case Act:
			w.acts = append(w.acts, e.Attempt)
			fmt.Fprintf(&out, "  ACT %s %s\n", e.Attempt.Agent, name(e.Attempt))
		case Sync:
			out.WriteString("  sync\n")
		case Refuse:
			fmt.Fprintf(&out, "  REFUSE %s\n", e.Why)
		case Cancel:
			out.WriteString("  CANCEL\n")
		case AskFleet:
			w.asked = e.Ask
			fmt.Fprintf(&out, "  ASK %s %s%s\n", e.Ask.Agent, e.Ask.Strategy, map[bool]string{true: " because of " + e.Ask.Cause}[strings.HasPrefix(e.Ask.Cause, "dependency-")])
		case WakeAt:
			w.timers[e.Timer] = e
			fmt.Fprintf(&out, "  wake %s in %s\n", e.Agent, e.At.Sub(w.now).Round(time.Millisecond))
		}
	}
	return out.String()
}

// wait lets time pass; timers come due in their order.
func (w *world) wait(d time.Duration) string {
	var out strings.Builder
	end := w.now.Add(d)
	for {
		next, found := WakeAt{}, false
		for _, t := range w.timers {
			if t.At.Mono <= end.Mono && (!found || t.At.Mono < next.At.Mono || t.At.Mono == next.At.Mono && t.Agent < next.Agent) {
				next, found = t, true
			}
		}
		if !found {
			w.now = end
			return out.String()
		}
		delete(w.timers, next.Timer)
		w.now = next.At
		fmt.Fprintf(&out, "  due at %s\n", w.now.Sub(dawn).Round(time.Millisecond))
		out.WriteString(w.step(TimerDue{Timer: next.Timer, Gen: next.Gen}))
	}
}

func name(a heal.Attempt) string {
	n := string(a.Strategy)
	if a.Task != "" {
		n = string(a.Task)
	}
	if a.Undo {
		n = "undo " + n
	}
	if a.Params.Resume {
		n += " resuming"
	}
	if a.Params.Hold {
		n += " and hold"
	}
	if a.Params.Quiet {
		n += " quietly"
	}
	return n
}

func tell(e heal.Event) string {
	s := fmt.Sprintf("%s %s", e.Kind, e.Agent)
	switch {
	case e.Kind == heal.EventClosed:
		s += fmt.Sprintf(" %s after %s", e.Outcome, e.Took.Round(time.Millisecond))
	case e.Diag != nil:
		s += fmt.Sprintf(" %s, severity %.2f", e.Diag.Type, e.Diag.Severity)
		if e.Diag.Recurring {
			s += ", recurring"
		}
	case e.Plan != nil:
		s += fmt.Sprintf(": %s (risk %.2f)", e.Note, e.Plan.Risk)
		return s
	case e.Outcome != "":
		s += " " + string(e.Outcome)
	case e.Lesson != nil:
		s += fmt.Sprintf(" %s for %s %s", e.Lesson.Strategy, e.Lesson.Type, e.Lesson.Outcome)
		if e.Lesson.Late {
			s += " late"
		}
	case e.Attempt != nil:
		s += " " + name(*e.Attempt)
	case e.Signal != nil:
		s += fmt.Sprintf(" %s %s", e.Signal.Detector, e.Signal.State)
	}
	if e.Note != "" {
		s += ": " + e.Note
	}
	return strings.ReplaceAll(s, incidentOf(e), "INC")
}

// incidentOf is an id that is hashed and tells a reader nothing.
func incidentOf(e heal.Event) string {
	if e.Incident == "" {
		return "\x00"
	}
	return e.Incident
}

// spec builds an agent's policy from words as in backoff=1s.
func spec(t *testing.T, agent string, words []string) heal.Policy {
	p := heal.DefaultPolicy(agent)
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "needs":
			p.DependsOn = strings.Split(value, ",")
		case "maintenance":
			w, err := heal.ParseWindow(value)
			check(t, err)
			p.Maintenance = []heal.Window{w}
		case "critical":
			p.Critical = true
		case "quiet":
			w, err := heal.ParseWindow(value)
			check(t, err)
			p.QuietHours = []heal.Window{w}
		case "forbid":
			p.Forbid = strategies(value)
		case "approve":
			p.Approve = strategies(value)
		case "prevent":
			p.Prevent.Strategies = strategies(value)
		case "resumes":
			p.Resumes = true
		case "protected":
			p.Protected = true
		case "shadow":
			p.Shadow = true
		case "ask":
			p.AskFor = duration(t, value)
		case "verify":
			p.VerifyFor = duration(t, value)
		case "cooldown":
			p.Cooldown = duration(t, value)
		case "backoff":
			p.Backoff.Base = duration(t, value)
		case "budget":
			_, err := fmt.Sscan(value, &p.Budget.Attempts)
			check(t, err)
		case "risk":
			_, err := fmt.Sscan(value, &p.RiskLimit)
			check(t, err)
		case "limit":
			p.OnLimit = heal.OnLimit(value)
		case "per_hour", "per_day", "per_run", "exhausted", "price", "source":
			spendSpec(t, &p.Spend, key, value)
		case "declares":
			p.Declared = map[heal.Strategy]bool{heal.Strategy(value): true}
		case "ladder":
			p.Ladders = ladders(value)
		default:
			t.Fatalf("no such policy word: %s", word)
		}
	}
	return p
}

// ladders reads "type:strategy,strategy".
func ladders(value string) map[heal.ErrorType][]heal.Strategy {
	typ, list, _ := strings.Cut(value, ":")
	return map[heal.ErrorType][]heal.Strategy{heal.ErrorType(typ): strategies(list)}
}

func strategies(list string) []heal.Strategy {
	var all []heal.Strategy
	for s := range strings.SplitSeq(list, ",") {
		all = append(all, heal.Strategy(s))
	}
	return all
}

func duration(t *testing.T, text string) time.Duration {
	d, err := time.ParseDuration(text)
	check(t, err)
	return d
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pending finds the attempt of an agent that was handed out and not reported.
func (w *world) pending(agent string) heal.Attempt {
	i := slices.IndexFunc(w.acts, func(a heal.Attempt) bool { return a.Agent == agent })
	if i < 0 {
		w.t.Fatalf("%s has no attempt under way", agent)
	}
	a := w.acts[i]
	w.acts = slices.Delete(w.acts, i, i+1)
	return a
}
