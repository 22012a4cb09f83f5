package metrics

import (
	"context"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// source is a sidecar with one agent in trouble.
type source struct{}

func (source) Status(context.Context) (heal.SidecarStatus, error) {
	return heal.SidecarStatus{Version: "1", Containment: "cgroup v2", Agents: []heal.AgentStatus{
		{Agent: "a", Health: "acting", Incident: "inc-1", Type: heal.Unknown, Severity: 0.5, Runs: 3, Uptime: time.Minute},
	}}, nil
}

func (source) Usage(string) (sampling.Usage, bool) {
	v := 5.0
	return sampling.Usage{Memory: &v, CPU: &v, FDs: &v, Threads: &v}, true
}

// scraped is what a Prometheus gets.
func scraped(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("%d, %v: %s", w.Code, err, b)
	}
	return string(b)
}

// happened is one of everything that is counted.
func happened(m *Metrics) {
	attempt := heal.Attempt{Strategy: heal.Retry}
	m.Note(heal.Event{Kind: heal.EventSignal, Agent: "a", Signal: &heal.Signal{State: heal.Raised, Witness: heal.WitnessExit}})
	m.Note(heal.Event{Kind: heal.EventAttempt, Agent: "a", Attempt: &attempt})
	m.Note(heal.Event{Kind: heal.EventOutcome, Agent: "a", Attempt: &attempt, Outcome: heal.Recovered})
	m.Note(heal.Event{Kind: heal.EventClosed, Agent: "a", Outcome: heal.Recovered, Took: time.Second})
	m.Note(heal.Event{Kind: heal.EventHeld, Agent: "a"})
}

func TestWhatHappensIsCounted(t *testing.T) {
	m := New(source{})
	happened(m)
	text := scraped(t, m)
	for _, want := range []string{
		`healer_attempts_total{agent="a",strategy="retry"} 1`, `healer_outcomes_total{agent="a",outcome="recovered",strategy="retry"} 1`,
		`healer_incidents_total{agent="a",outcome="recovered",type="unknown"} 1`, `healer_recovery_seconds_count{agent="a"} 1`,
		`healer_agent_runs_total{agent="a"} 3`, `healer_agent_memory_bytes{agent="a"} 5`, `healer_agent_health{agent="a",health="acting"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	m.Forget("a")
	if text := scraped(t, m); strings.Contains(text, `healer_attempts_total{agent="a"`) {
		t.Error("an agent that is gone is still counted")
	}
}

// TestRulesAndDashboardAskForWhatThereIs: every metric that they name is served.
func TestRulesAndDashboardAskForWhatThereIs(t *testing.T) {
	m := New(source{})
	happened(m)
	text := scraped(t, m)
	named := regexp.MustCompile(`healer_[a-z_]+`)
	for _, path := range []string{"../../packaging/prometheus/alerts.yml", "../../packaging/grafana/healer-sidecar.json"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllString(string(b), -1)
		for _, name := range names {
			if !strings.Contains(text, name+"{") && !strings.Contains(text, name+" ") {
				t.Errorf("%s asks for %s, which is not served", path, name)
			}
		}
		if len(names) < 10 {
			t.Errorf("%s asks for %d metrics", path, len(names))
		}
	}
}

// TestPromtoolAcceptsThem lets Prometheus' own tool judge names, help and rules.
func TestPromtoolAcceptsThem(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	if out, err := exec.Command(tool, "check", "rules", "../../packaging/prometheus/alerts.yml").CombinedOutput(); err != nil {
		t.Errorf("rules: %v: %s", err, out)
	}
	m := New(source{})
	happened(m)
	cmd := exec.Command(tool, "check", "metrics")
	cmd.Stdin = strings.NewReader(scraped(t, m))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("metrics: %v: %s", err, out)
	}
}
