package detect

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/detect/steps"
	"healer-sidecar/internal/heal"
)

// usualSteps are lines that tell of a step of an agent.
const usualSteps = `(?i)\b(?:action|tool|step|iteration|thought|command|plan|edit|turn|call(?:ing|ed)?|running|executing|search(?:ing)?|attempt)\b`

// Steps says which lines of output are steps of the agent.
type Steps struct {
	Name, Match string
}

// stepTracker follows the steps of one run.
type stepTracker struct {
	Steps
	match *regexp.Regexp
	judge steps.Judge
	// records reads the lines that are JSON.
	records steps.Decoder
	last    time.Time
	raised  bool
	// better counts the steps in a row, since it was raised, that lead somewhere.
	better int
}

// betterFor is how many of them it takes for the alarm to be over: a step that differs for once
// is no progress yet.
const betterFor = 5

func newStepTracker(s Steps) *stepTracker {
	return &stepTracker{Steps: s, match: regexp.MustCompile(s.Match)}
}

func decodeNoProgress(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"match"})
	step := Steps{Name: b.Title(), Match: usualSteps}
	f.Text("match", &step.Match)
	if _, err := regexp.Compile(step.Match); err != nil {
		f.Wrong("match", fmt.Sprintf("match is no expression: %v", err), "use the syntax of RE2")
		step.Match = usualSteps
	}
	s.Steps = &step
	return f.Diags
}

// walk follows the steps in a block of output.
func (a *Agent) walk(block []byte) {
	w := a.walker
	if w == nil {
		return
	}
	for line := range follow.Split(block) {
		if !a.judging.follows() || !w.match.Match(line) {
			continue
		}
		gap := time.Duration(0)
		if !w.last.IsZero() {
			gap = time.Since(w.last)
		}
		w.last = time.Now()
		a.stepped(w.judge.Add(w.step(redact.Printable(line, textWidth), gap)))
	}
}

// step reads a line. One that is no whole record is text.
func (w *stepTracker) step(line string, gap time.Duration) steps.Step {
	if strings.HasPrefix(line, "{") {
		if s, err := w.records.Decode([]byte(line)); err == nil {
			s.Gap = gap
			return s
		}
	}
	return steps.Line(line, gap)
}

// stepped tells when the steps begin to lead nowhere, and when they do not any more.
func (a *Agent) stepped(rule string) {
	w := a.walker
	if rule != "" {
		w.better = 0
	} else {
		w.better++
	}
	if raised := rule != ""; raised == w.raised || w.raised && w.better < betterFor {
		return
	}
	w.raised = rule != ""
	s := heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: w.Name, State: heal.Cleared, Witness: heal.WitnessLiveness}
	if w.raised {
		s.State, s.Text = heal.Raised, "its steps lead nowhere: "+rule
		s.Vote = &heal.Vote{Type: heal.LearningFailure, Weight: 0.85, Why: s.Text}
		s.Lines, s.Output = a.textEvidence(nil)
	}
	a.sink.Signal(s)
}

// advanced: the agent tells of progress, so what it did before is no loop.
func (a *Agent) advanced() {
	if a.walker != nil {
		a.stepped("")
		a.walker.judge = steps.Judge{}
	}
}
