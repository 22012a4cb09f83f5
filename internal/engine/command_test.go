package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/heal"
)

// command carries one line of a script out. A quoted tail is output of the agent.
func (w *world) command(line string) string {
	line, text, _ := strings.Cut(line, ` "`)
	text = strings.TrimSuffix(text, `"`)
	f := strings.Fields(line)
	if len(f) == 0 || strings.HasPrefix(line, "#") {
		return ""
	}
	switch f[0] {
	case "agent":
		w.specs = append(w.specs, spec(w.t, f[1], f[2:]))
		if !w.launched {
			w.core.setAgents(w.specs)
		}
		return ""
	case "remove", "replace":
		return w.replace(f, text)
	case "launch":
		w.launched = true
		found := w.found
		w.found = map[string]heal.Found{}
		by := map[string]Starter{"operator": Operator, "command": CommandLine}[strings.Join(f[1:], "")]
		return w.step(Launch{Found: found, By: by})
	case "found":
		w.found[f[1]] = w.remains(f, text)
		return ""
	case "started":
		w.runs[f[1]]++
		return w.step(Started{Agent: f[1], Run: heal.RunFact{Run: w.runs[f[1]], ID: fmt.Sprintf("%s-%d", f[1], w.runs[f[1]]), PID: 100 + w.runs[f[1]]}})
	case "ready":
		return w.step(Ready{Agent: f[1], Run: w.runs[f[1]]})
	case "exited":
		return w.exited(f[1], f[2:], text)
	case "line":
		return w.line(f[1], f[2:], text)
	case "reading":
		return w.reading(f[1], f[2], f[3:])
	case "dependency", "finding", "wish":
		return w.observed(f, text)
	case "finished":
		r := heal.Result{Attempt: w.pending(f[1]).ID, Error: text}
		return w.step(AttemptFinished{Result: r})
	case "order", "approve", "refuse", "ack", "swept", "safe", "vacated", "renewed", "program", "changed", "spend", "spent":
		return w.aside(f)
	case "fleet":
		return w.fleet(f, text)
	case "wait":
		return w.wait(duration(w.t, f[1]))
	case "reborn":
		w.reborn()
		return ""
	case "journal":
		return w.step(JournalState{Failure: map[string]string{"down": "no space"}[f[1]]})
	case "status":
		return w.status()
	case "options", "evidence", "learned":
		return w.shown(f)
	}
	w.t.Fatalf("no such command: %s", line)
	return ""
}

// shown is what people may look at.
func (w *world) shown(f []string) string {
	switch f[0] {
	case "evidence":
		return "  " + strings.Join(w.core.agents[f[1]].inc.diag.Evidence, "\n  ") + "\n"
	case "learned":
		return w.baseline(f[1])
	}
	return w.options(f[1])
}

// baseline is in how many healthy runs lines of a class were printed.
func (w *world) baseline(class string) string {
	b := w.core.ledger.Baselines[class]
	if b == nil {
		return "  no baseline\n"
	}
	var out strings.Builder
	for _, hash := range slices.Sorted(maps.Keys(b.Lines)) {
		fmt.Fprintf(&out, "  %d of %d healthy runs\n", b.Lines[hash].Seen, b.Runs)
	}
	return out.String()
}

// aside is what is neither a failure nor a remedy.
func (w *world) aside(f []string) string {
	switch f[0] {
	case "order":
		w.runs["order"]++
		return w.step(Ordered{ID: fmt.Sprint("order-", w.runs["order"]), Order: heal.Order{Command: heal.Command(f[1]), Agent: strings.Join(f[2:], "")}})
	case "spend":
		return w.step(Used{Agent: f[1], Usage: usage(w.t, fmt.Sprintf("%s-%d", f[1], w.runs[f[1]]), f[2:])})
	case "spent":
		return w.spent(f[1])
	case "swept":
		lag := time.Duration(0)
		if len(f) > 1 {
			lag = duration(w.t, f[1])
		}
		return w.step(Swept{Lag: lag})
	case "vacated":
		return w.step(PortFreed{Agent: f[1], Incident: w.core.agents[f[1]].inc.id})
	case "program":
		return w.step(ProgramBack{Agent: f[1], Incident: w.core.agents[f[1]].inc.id})
	case "changed":
		return w.step(Changed{Agent: f[1], What: "agent.conf"})
	case "renewed":
		return w.step(CredentialsChanged{Agent: f[1]})
	case "safe":
		return w.step(SafePoint{Agent: f[1], Run: w.runs[f[1]], Safe: true})
	}
	return w.step(Ordered{Order: heal.Order{Command: heal.Command(f[0]), Incident: w.core.agents[f[1]].inc.id}})
}

// replace takes an agent out of the policy that comes next, or puts that in force.
func (w *world) replace(f []string, text string) string {
	if f[0] == "replace" {
		return w.step(PolicyReplaced{Agents: w.specs, Host: heal.DefaultHost(), Renewed: f[1:], Note: text})
	}
	w.specs = slices.DeleteFunc(w.specs, func(p heal.Policy) bool { return p.Agent == f[1] })
	return ""
}

// observed is what detectors of behaviour, probes and reports see.
func (w *world) observed(f []string, text string) string {
	switch f[0] {
	case "dependency":
		return w.step(DependencySeen{Name: f[1], Down: map[string]string{"down": "connection refused"}[f[2]]})
	case "wish":
		return w.step(RestartRequested{Agent: f[1], Run: w.runs[f[1]]})
	}
	s := heal.Signal{
		Agent: f[1], Run: w.runs[f[1]], Detector: f[2], State: heal.Raised, Witness: heal.Witness(f[2]), Text: text,
		Vote: &heal.Vote{Type: heal.ErrorType(f[3]), Weight: 0.9, Why: text},
	}
	if len(f) > 4 && f[4] == "cleared" {
		s.State = heal.Cleared
	} else if len(f) > 4 {
		s.Urgent, s.Left = true, duration(w.t, f[4])
	}
	return w.step(SignalSeen{Signal: s})
}

func (w *world) exited(agent string, words []string, text string) string {
	m := Exited{Agent: agent}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "ordered":
			m.Ordered = true
		case "code":
			m.Exit.Code, _ = strconv.Atoi(value)
		case "signal":
			m.Exit.Signal = value
		case "planned":
			m.Exit.Planned = true
		case "oom":
			m.Exit.OOM = true
		case "errno":
			m.Exit.Errno = value
		}
	}
	if failed := m.Exit != (heal.Exit{}); failed && !m.Ordered && !m.Exit.Planned {
		m.Signal = &heal.Signal{
			Agent: agent, Run: w.runs[agent], Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &m.Exit,
			Output: w.says(text, &m.Exit),
		}
	}
	return w.step(m)
}

// says is what a detector would take down.
func (w *world) says(text string, exit *heal.Exit) *heal.TextEvidence {
	t := w.reader.Read([]string{text}, exit, w.now.Wall)
	return &t
}

// line is output that a rule matched: words are the type, and "operator", or "unresolved" for
// one of a built-in rule that something agrees with.
func (w *world) line(agent string, words []string, text string) string {
	unresolved := ""
	if len(words) > 1 && words[1] == "unresolved" {
		unresolved, words = "3 of its last 3 lines tell of failures", words[:1]
	}
	return w.step(SignalSeen{Signal: heal.Signal{
		Agent: agent, Run: w.runs[agent], Detector: "log stdout", State: heal.Raised, Witness: heal.WitnessText, Text: text,
		Output: w.says(text, nil), Unresolved: unresolved, Templates: []string{classify.Template(text)},
		Match: &heal.Match{Rule: "r", Type: heal.ErrorType(words[0]), Confidence: 0.9, Operator: len(words) > 1},
	}})
}

func (w *world) reading(agent, resource string, words []string) string {
	s := heal.Signal{Agent: agent, Run: w.runs[agent], Detector: resource, State: heal.SignalState(words[0]), Witness: heal.WitnessResource}
	if s.State == heal.Raised {
		s.Reading = &heal.Reading{Resource: heal.Resource(resource), Value: 200, Limit: 100}
	}
	return w.step(SignalSeen{Signal: s})
}

func (w *world) status() string {
	var out strings.Builder
	for _, a := range w.core.Status(w.now) {
		fmt.Fprintf(&out, "  %s: %s, wanted %s, budget %d of %d%s\n", a.Agent, a.Health, a.Desired, a.BudgetLeft, a.Budget, map[bool]string{true: ", on hold"}[a.Hold != ""])
	}
	return out.String()
}

// options are what was considered in the latest plan of an agent.
func (w *world) options(agent string) string {
	var out strings.Builder
	for _, o := range w.core.agents[agent].inc.plan.Options {
		switch {
		case !o.Offered:
			fmt.Fprintf(&out, "  %s: not offered: %s\n", o.Strategy, o.Why)
		default:
			fmt.Fprintf(&out, "  %s: success %.2f, risk %.2f%s\n", o.Strategy, o.Success, o.Risk, objections(o.Verdicts))
		}
	}
	return out.String()
}

func objections(verdicts []heal.Verdict) string {
	s := ""
	for _, v := range verdicts {
		if v.Decision != heal.Allow {
			s += fmt.Sprintf("; %s %s: %s", v.Rule, v.Decision, v.Reason)
		}
	}
	return s
}

// remains is what is found of an agent; "unwritten" is a run without a record.
func (w *world) remains(f []string, why string) heal.Found {
	found := heal.Found{State: heal.FoundState(f[2]), Why: why}
	if len(f) > 3 && f[3] == "unwritten" {
		w.runs[f[1]]++
		n := w.runs[f[1]]
		found.Run = &heal.RunFact{Run: n, ID: fmt.Sprintf("unwritten-%d", n), PID: 100 + n}
	}
	return found
}
