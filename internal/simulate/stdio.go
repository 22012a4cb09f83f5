package simulate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"healer-sidecar/internal/heal"
)

// request is one line of the world.
type request struct {
	Op string `json:"op"`
	// hello
	Durations map[string]float64 `json:"durations"`
	SideOK    map[string]float64 `json:"side_ok"`
	SideBad   map[string]float64 `json:"side_bad"`
	Human     float64            `json:"human_seconds"`
	Toil      float64            `json:"toil"`
	// begin
	Time       float64 `json:"time"`
	Text       string  `json:"text"`
	Component  string  `json:"component"`
	Agent      string  `json:"agent"`
	TypeHint   string  `json:"type_hint"`
	Critical   bool    `json:"critical"`
	Idempotent bool    `json:"idempotent"`
	Snapshot   bool    `json:"snapshot"`
	Dependents int     `json:"dependents"`
	Safety     bool    `json:"safety"`
	// choose and outcome
	Elapsed  float64 `json:"elapsed"`
	Action   string  `json:"action"`
	Result   string  `json:"result"`
	Duration float64 `json:"duration"`
	Wait     float64 `json:"wait"`
}

// worldNames are words of the protocol that differ from ours.
var worldNames = map[heal.Strategy]string{heal.DegradeGracefully: "degrade"}

var worldTypes = map[string]heal.ErrorType{
	"communication": heal.CommunicationError, "resource": heal.ResourceExhaustion, "dependency": heal.DependencyFailure,
	"configuration": heal.ConfigurationError, "execution": heal.ExecutionFailure, "performance": heal.PerformanceDegradation,
	"goal_conflict": heal.GoalConflict, "safety": heal.SafetyViolation, "learning": heal.LearningFailure,
}

func worldName(s heal.Strategy) string {
	if n, ok := worldNames[s]; ok {
		return n
	}
	return string(s)
}

func strategyOf(name string) heal.Strategy {
	for s, n := range worldNames {
		if n == name {
			return s
		}
	}
	return heal.Strategy(name)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// longestLine bounds a line of the protocol.
const longestLine = 1 << 20

// Serve lets the engine play in a world that speaks JSON lines: hello and choose are
// answered, begin, outcome and end are only taken.
func Serve(in io.Reader, out io.Writer) error {
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, longestLine)
	g := game{out: bufio.NewWriter(out)}
	for n := 1; scan.Scan(); n++ {
		var r request
		if err := json.Unmarshal(scan.Bytes(), &r); err != nil {
			return fmt.Errorf("cannot read line %d: %w", n, err)
		}
		if err := g.play(r); err != nil {
			return fmt.Errorf("cannot play line %d: %w", n, err)
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("cannot read the world: %w", err)
	}
	return nil
}

// game is one run of the protocol.
type game struct {
	out     *bufio.Writer
	subject *Subject
	terms   Terms
}

func (g *game) play(r request) error {
	if g.subject == nil && r.Op != "hello" {
		return fmt.Errorf("%q comes before hello", r.Op)
	}
	switch r.Op {
	case "hello":
		return g.hello(r)
	case "begin":
		g.subject.Begin(r.failure())
	case "choose":
		d, err := g.subject.Choose(seconds(r.Elapsed))
		if err != nil {
			return err
		}
		return g.answer(map[string]any{"action": worldName(d.Strategy), "wait": d.Wait.Seconds()})
	case "outcome":
		g.subject.Outcome(Decision{strategyOf(r.Action), seconds(r.Wait)}, verdicts[r.Result], seconds(r.Elapsed+r.Duration))
	case "end":
	default:
		return fmt.Errorf("%q is no operation", r.Op)
	}
	return nil
}

var verdicts = map[string]Verdict{"ok": Healed, "fail": Failed, "false": Relapsed}

func (g *game) hello(r request) error {
	g.terms = Terms{Costs: map[heal.Strategy]heal.Cost{}, Person: seconds(r.Human + r.Toil)}
	for name, d := range r.Durations {
		g.terms.Costs[strategyOf(name)] = heal.Cost{Act: seconds(d), Good: seconds(r.SideOK[name]), Bad: seconds(r.SideBad[name])}
	}
	var err error
	if g.subject, err = New(g.terms); err != nil {
		return err
	}
	return g.answer(map[string]any{"ok": true})
}

func (g *game) answer(a map[string]any) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	if _, err := fmt.Fprintf(g.out, "%s\n", b); err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	if err := g.out.Flush(); err != nil {
		return fmt.Errorf("cannot answer: %w", err)
	}
	return nil
}

// failure reads what begins. A world knows whether a guardrail was hit; a hint that says
// so against that is worth nothing.
func (r request) failure() Case {
	t, ok := worldTypes[r.TypeHint]
	switch {
	case r.Safety:
		t = heal.SafetyViolation
	case !ok || t == heal.SafetyViolation:
		t = heal.Unknown
	}
	return Case{
		Agent: r.Agent, Class: r.Component, Text: r.Text, Type: t, Critical: r.Critical, Repeatable: r.Idempotent,
		Snapshot: r.Snapshot, Dependents: r.Dependents, Began: seconds(r.Time),
	}
}
