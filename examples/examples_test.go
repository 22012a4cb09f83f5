package examples_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// diagnosis waits for the diagnosis of an agent and checks its type.
func (s *sidecar) diagnosis(agent string, want heal.ErrorType) heal.Diagnosis {
	s.t.Helper()
	d := *s.until(heal.EventDiagnosed, agent).Diag
	if d.Type != want {
		s.t.Errorf("diagnosed as %s: want %s (%v)", d.Type, want, d.Evidence)
	}
	return d
}

// plan waits for the plan and checks its strategy.
func (s *sidecar) plan(agent string, want heal.Strategy) heal.Plan {
	s.t.Helper()
	p := *s.until(heal.EventPlanned, agent).Plan
	if p.Strategy != want {
		s.t.Errorf("planned %s: want %s (%s)", p.Strategy, want, p.Reason)
	}
	return p
}

// recovered waits for a verified recovery and checks that useful work goes on.
func (s *sidecar) recovered(agent string, before int) {
	s.t.Helper()
	e := s.until(heal.EventClosed, agent)
	if e.Outcome != heal.Recovered {
		s.t.Errorf("the incident closed as %s: %s%s", e.Outcome, e.Note, s.story())
	}
	s.moves(before)
}

func TestCrashesThenWorks(t *testing.T) {
	s := start(t, "crashes_then_works.hcl")
	s.diagnosis("crasher", heal.ExecutionFailure)
	first := s.plan("crasher", heal.Retry)
	if first.Delay != 0 {
		t.Errorf("the first retry waits %s", first.Delay)
	}
	second := s.plan("crasher", heal.Retry)
	if second.Delay <= 0 {
		t.Error("the second retry does not wait")
	}
	s.recovered("crasher", s.worked())
	if out := s.verb("explain", "--verbose"); !strings.Contains(out, "not declared") || !strings.Contains(out, "outcome: recovered") {
		t.Errorf("explain tells too little:\n%s", out)
	}
	if out := s.verb("patterns"); !strings.Contains(out, "retry") {
		t.Errorf("nothing was learned:\n%s", out)
	}
}

func TestDiskFull(t *testing.T) {
	if err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "true").Run(); err != nil {
		t.Skipf("no user and mount namespaces here: %v", err)
	}
	s := start(t, "disk_full.hcl")
	s.diagnosis("hoarder", heal.ResourceExhaustion)
	s.plan("hoarder", heal.Restart)
	s.recovered("hoarder", s.worked())
}

func TestLeaksToItsLimit(t *testing.T) {
	s := start(t, "leaks.hcl")
	started := s.until(heal.EventStarted, "leaker")
	if len(s.status("leaker").Process.InForce) == 0 && s.status("leaker").Runs == started.Run.Run {
		t.Skip("no right to limit memory by cgroup here")
	}
	ended := s.until(heal.EventExited, "leaker")
	if !ended.Exit.OOM {
		t.Errorf("the OOM kill was not proven: %+v", ended.Exit)
	}
	s.diagnosis("leaker", heal.ResourceExhaustion)
	s.plan("leaker", heal.Restart)
	s.recovered("leaker", s.worked())
}

func TestBurnsCPU(t *testing.T) {
	s := start(t, "burns_cpu.hcl")
	d := s.diagnosis("burner", heal.PerformanceDegradation)
	if d.Resource != heal.CPU {
		t.Errorf("the resource is %q", d.Resource)
	}
	s.plan("burner", heal.Reconfigure)
	result := s.until(heal.EventResult, "burner")
	if result.Result.Error != "" || len(result.Result.InForce) == 0 {
		t.Fatalf("nothing is in force: %+v", result.Result)
	}
	t.Log(result.Result.InForce)
	s.recovered("burner", s.worked())
	if a := s.status("burner"); a.Runs != 1 || a.Process.State != "running" || len(a.Process.InForce) == 0 {
		t.Errorf("the agent was not throttled in its first run: %+v", a)
	}
}

func TestRateLimited(t *testing.T) {
	s := start(t, "rate_limited.hcl")
	d := s.diagnosis("client", heal.DependencyFailure)
	p := s.plan("client", heal.WaitAndRetry)
	if d.Wait.Seconds() != 2 || p.Delay.Seconds() != 2 {
		t.Errorf("waits %s for a named %s: want 2s", p.Delay, d.Wait)
	}
	s.recovered("client", s.worked())
	if a := s.status("client"); a.BudgetLeft != a.Budget {
		t.Errorf("a named wait cost budget: %d of %d left", a.BudgetLeft, a.Budget)
	}
	if a := s.status("api"); a.Runs != 1 || a.Health != "healthy" {
		t.Errorf("the other agent was touched: %+v", a)
	}
}

func TestBreaksGuardrail(t *testing.T) {
	s := start(t, "breaks_guardrail.hcl")
	s.diagnosis("rogue", heal.SafetyViolation)
	s.plan("rogue", heal.Isolate)
	result := s.until(heal.EventResult, "rogue").Result
	s.until(heal.EventHeld, "rogue")
	a := s.status("rogue")
	if a.Process.State != "frozen" || a.Hold == "" || a.Health != "held" {
		t.Errorf("the agent is not frozen and held: %+v", a)
	}
	if n := len(result.InForce); n < 2 || !strings.Contains(result.InForce[n-1], "evidence in ") {
		t.Errorf("no evidence was kept: %+v", result)
	}
	frozenAt := s.worked()
	if again := s.worked(); again != frozenAt {
		t.Errorf("a frozen agent worked: %d, then %d", frozenAt, again)
	}
	s.verb("release", "rogue")
	s.recoveredAfterRelease(frozenAt)
}

// recoveredAfterRelease: what a person let go on is watched too, but proves
// nothing about a remedy.
func (s *sidecar) recoveredAfterRelease(before int) {
	s.t.Helper()
	s.until(heal.EventReleased, "rogue")
	s.until(heal.EventClosed, "rogue")
	if a := s.status("rogue"); a.Process.State != "running" || a.Runs != 1 || a.Hold != "" {
		s.t.Errorf("the agent does not go on: %+v", a)
	}
	s.moves(before)
}

func TestBadConfig(t *testing.T) {
	s := start(t, "bad_config.hcl")
	s.diagnosis("typo", heal.ConfigurationError)
	s.plan("typo", heal.Escalate)
	s.until(heal.EventHeld, "typo")
	if n := s.count(heal.EventStarted); n != 1 {
		t.Errorf("%d starts were spent on a bad config", n)
	}
	var told struct {
		Agent     string
		Diagnosis heal.Diagnosis
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "notice.json"))
	if err != nil {
		t.Fatalf("nobody was told: %v", err)
	}
	if err := json.Unmarshal(b, &told); err != nil || told.Agent != "typo" || told.Diagnosis.Type != heal.ConfigurationError {
		t.Errorf("the notice is %s", b)
	}
	mended := []byte(`{ "model": "small" }`)
	if err := os.WriteFile(filepath.Join(s.dir, "bad_config.json"), mended, 0o600); err != nil {
		t.Fatal(err)
	}
	s.verb("release", "typo")
	s.until(heal.EventClosed, "typo")
	s.moves(0)
}

func TestClings(t *testing.T) {
	s := start(t, "clings.hcl")
	first := s.until(heal.EventStarted, "clinger").Run
	s.diagnosis("clinger", heal.ExecutionFailure)
	s.plan("clinger", heal.Retry)
	s.until(heal.EventStarted, "clinger")
	if p := tagged(first.ID); p != "" {
		t.Errorf("%s of the first run lives beside the second", p)
	}
	s.recovered("clinger", s.worked())
	second := s.status("clinger").Process
	if second.Members != 2 {
		t.Errorf("the second run has %d members: want the agent and its grandchild", second.Members)
	}
	s.verb("restart", "clinger")
	if a := s.status("clinger"); a.Process.State != "running" || a.Process.PID == second.PID || a.BudgetLeft != a.Budget { // it begins with a full budget
		t.Errorf("a person's restart: %+v", a)
	}
}
