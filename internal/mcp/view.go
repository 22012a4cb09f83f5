package mcp

import (
	"strings"
	"time"
	"unicode/utf8"

	"healer-sidecar/internal/heal"
)

const (
	// maxText bounds one untrusted text in bytes, maxTexts how many of them an answer holds.
	maxText, maxTexts = 400, 40
)

// untrusted collects texts that agents, files or people wrote. They are data for the reader, never
// instructions.
type untrusted []string

// add takes a text with its line breaks and control characters as spaces, cut to its bound.
func (u *untrusted) add(texts ...string) {
	for _, text := range texts {
		if text = clean(text); text != "" && len(*u) < maxTexts {
			*u = append(*u, text)
		}
	}
}

func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.TrimSpace(text)
	if len(text) <= maxText {
		return text
	}
	cut := maxText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

// statusView is the answer of healer_status.
type statusView struct {
	Version       string      `json:"version"`
	UptimeSeconds float64     `json:"uptime_seconds"`
	Paused        bool        `json:"paused,omitempty"`
	Storm         string      `json:"storm,omitempty"`
	PolicyError   string      `json:"policy_error,omitempty"`
	JournalError  string      `json:"journal_error,omitempty"`
	Agents        []agentView `json:"agents"`
}

// agentView is one agent in healer_status.
type agentView struct {
	Agent         string         `json:"agent"`
	Health        string         `json:"health"`
	Process       string         `json:"process"`
	PID           int            `json:"pid,omitempty"`
	Runs          int            `json:"runs"`
	UptimeSeconds float64        `json:"uptime_seconds,omitempty"`
	Incident      string         `json:"incident,omitempty"`
	ErrorType     heal.ErrorType `json:"error_type,omitempty"`
	Strategy      heal.Strategy  `json:"strategy,omitempty"`
	BudgetLeft    int            `json:"budget_left"`
	Budget        int            `json:"budget"`
	Alarm         bool           `json:"alarm,omitempty"`
	Acknowledged  bool           `json:"acknowledged,omitempty"`
	Untrusted     untrusted      `json:"untrusted,omitempty"`
}

func viewStatus(s heal.SidecarStatus, agent string) statusView {
	v := statusView{
		Version: s.Version, UptimeSeconds: seconds(s.Uptime), Paused: s.Paused, Storm: s.Storm,
		PolicyError: clean(s.Policy), JournalError: clean(s.Journal), Agents: []agentView{},
	}
	for _, a := range s.Agents {
		if agent != "" && a.Agent != agent {
			continue
		}
		one := agentView{
			Agent: a.Agent, Health: a.Health, Process: a.Process.State, PID: a.Process.PID, Runs: a.Runs,
			UptimeSeconds: seconds(a.Uptime), Incident: a.Incident, ErrorType: a.Type, Strategy: a.Strategy,
			BudgetLeft: a.BudgetLeft, Budget: a.Budget, Alarm: a.Alarm, Acknowledged: a.Acknowledged,
		}
		one.Untrusted.add(a.Hold)
		one.Untrusted.add(a.Foreseen...)
		v.Agents = append(v.Agents, one)
	}
	return v
}

// eventView is one record in healer_events.
type eventView struct {
	Seq       uint64         `json:"seq"`
	At        time.Time      `json:"at"`
	Kind      heal.EventKind `json:"kind"`
	Agent     string         `json:"agent,omitempty"`
	Incident  string         `json:"incident,omitempty"`
	ErrorType heal.ErrorType `json:"error_type,omitempty"`
	Strategy  heal.Strategy  `json:"strategy,omitempty"`
	Outcome   heal.Outcome   `json:"outcome,omitempty"`
	Untrusted untrusted      `json:"untrusted,omitempty"`
}

func viewEvent(e heal.Event) eventView {
	v := eventView{Seq: e.Seq, At: e.At.Wall, Kind: e.Kind, Agent: e.Agent, Incident: e.Incident, Outcome: e.Outcome}
	if e.Diag != nil {
		v.ErrorType = e.Diag.Type
	}
	if e.Plan != nil {
		v.Strategy = e.Plan.Strategy
	}
	if e.Attempt != nil {
		v.Strategy = e.Attempt.Strategy
	}
	v.Untrusted.add(e.Note)
	return v
}

// patternView is what was learned about one failure.
type patternView struct {
	Agent       string                          `json:"agent"`
	ErrorType   heal.ErrorType                  `json:"error_type"`
	Fingerprint string                          `json:"fingerprint"`
	Pinned      heal.Strategy                   `json:"pinned,omitempty"`
	Strategies  map[heal.Strategy]strategyCount `json:"strategies"`
	Untrusted   untrusted                       `json:"untrusted,omitempty"`
}

// strategyCount counts verified outcomes; Chance is what the next try is believed to succeed with.
type strategyCount struct {
	Recovered int     `json:"recovered"`
	Relapsed  int     `json:"relapsed"`
	Failed    int     `json:"failed"`
	Chance    float64 `json:"chance"`
}

func viewPattern(p heal.PatternStats) patternView {
	v := patternView{
		Agent: p.Agent, ErrorType: p.Type, Fingerprint: p.Fingerprint, Pinned: p.Pinned,
		Strategies: map[heal.Strategy]strategyCount{},
	}
	for name, s := range p.Strategies {
		v.Strategies[name] = strategyCount{s.Recovered, s.Relapsed, s.Failed, s.Chance}
	}
	v.Untrusted.add(p.Template)
	return v
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
