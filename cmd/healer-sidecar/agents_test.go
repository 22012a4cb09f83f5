package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/session/modelapi"
)

// refused, limited, overloaded and long are answers of a provider that end a turn.
var (
	refused    = modelapi.Reply{Status: 403, Body: `{"type":"error","error":{"type":"permission_error","message":"This key may not use the model"}}`}
	limited    = modelapi.Reply{Status: 429, Body: `{"type":"error","error":{"type":"rate_limit_error","message":"Please try again in 77s."}}`}
	overloaded = modelapi.Reply{Status: 529, Body: `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`}
	long       = modelapi.Reply{Status: 400, Body: `{"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`}
)

// TestRealAgents runs the command lines of agents under a sidecar, against a provider on loopback.
func TestRealAgents(t *testing.T) {
	for _, row := range []struct {
		program, name string
		script        []modelapi.Reply
		// want is the type of the first diagnosis, because is in what it goes by; empty for a run without
		// a failure.
		want    heal.ErrorType
		because string
	}{
		{"claude", "turn", []modelapi.Reply{{Command: "echo hello"}, {Text: "Done."}}, "", ""},
		{"claude", "refused", []modelapi.Reply{refused}, heal.ConfigurationError, "session: "},
		{"claude", "limited", []modelapi.Reply{limited}, heal.DependencyFailure, "session: "},
		{"claude", "overloaded", []modelapi.Reply{overloaded}, heal.DependencyFailure, "session: "},
		{"claude", "long", []modelapi.Reply{long}, heal.ResourceExhaustion, "session: "},
		{"claude", "loop", []modelapi.Reply{{Command: "cat missing.txt"}}, heal.LearningFailure, "tools lead nowhere"},
		{"claude", "hang", []modelapi.Reply{{Hang: true}}, heal.CommunicationError, "the model has not answered"},
		{"claude", "stream", []modelapi.Reply{{Text: "I begin.", HangMid: true}}, heal.CommunicationError, "the model has not answered"},
		{"codex", "turn", []modelapi.Reply{{Command: "echo hello"}, {Text: "Done."}}, "", ""},
		{"codex", "refused", []modelapi.Reply{refused}, heal.ConfigurationError, "session: "},
		{"codex", "limited", []modelapi.Reply{limited}, heal.DependencyFailure, "session: "},
		{"codex", "long", []modelapi.Reply{long}, heal.ResourceExhaustion, "session: "},
		{"codex", "loop", []modelapi.Reply{{Command: "cat missing.txt"}}, heal.LearningFailure, "tools lead nowhere"},
		{"codex", "hang", []modelapi.Reply{{Hang: true}}, heal.CommunicationError, "the model has not answered"},
		{"gemini", "turn", []modelapi.Reply{{Command: "echo hello"}, {Text: "Done."}}, "", ""},
		{"gemini", "hang", []modelapi.Reply{{Hang: true}}, heal.CommunicationError, "the model has not answered"},
	} {
		t.Run(row.program+" "+row.name, func(t *testing.T) {
			got := runAgent(t, row.program, row.script)
			if row.want == "" {
				if got != nil {
					t.Fatalf("a good run was called %s: %q", got.Type, got.Evidence)
				}
				return
			}
			if got == nil || got.Type != row.want || !strings.Contains(strings.Join(got.Evidence, "\n"), row.because) {
				t.Fatalf("the diagnosis is %+v, want %s because of %q", got, row.want, row.because)
			}
			if row.name == "limited" && row.program == "claude" && (got.Wait < 60*time.Second || got.Wait > 77*time.Second) {
				t.Errorf("it waits for %s, want the 77 s that the provider asked for", got.Wait)
			}
		})
	}
}

// TestRealAgentsResume: a turn that met an outage goes on in the same session.
func TestRealAgentsResume(t *testing.T) {
	client := clientOf(t, "claude")
	outage := modelapi.Reply{Status: 500, Body: `{"type":"error","error":{"type":"api_error","message":"Internal server error"}}`}
	script := []modelapi.Reply{{Command: "echo hello"}, outage, {Text: "Done."}}
	api := modelapi.New(script...)
	defer api.Close()
	home := t.TempDir()
	agent := client.Command(home, api.URL, "compute 2 + 2", false)
	more := `resume { args = ["--continue"] }
  heal {
    on "dependency_failure" {
      strategies = ["restart"]
    }
  }`
	ended, out := supervise(t, home, agentPolicy(agent, home, more))
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	case <-time.After(90 * time.Second):
		t.Fatalf("it did not end\n%s", out)
	}
	files, _ := filepath.Glob(filepath.Join(home, client.Transcripts))
	if len(files) != 1 || api.Served() != len(script) {
		t.Fatalf("%d sessions and %d replies, want 1 and %d\n%s", len(files), api.Served(), len(script), out)
	}
}

// clientOf is a command line that is installed here.
func clientOf(t *testing.T, program string) modelapi.Client {
	t.Helper()
	if testing.Short() {
		t.Skip("a real agent takes seconds")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
	i := slices.IndexFunc(modelapi.Clients, func(c modelapi.Client) bool { return c.Program == program })
	return modelapi.Clients[i]
}

// runAgent supervises one turn of a real agent and returns its first diagnosis; nil when it ended well.
func runAgent(t *testing.T, program string, script []modelapi.Reply) *heal.Diagnosis {
	t.Helper()
	client := clientOf(t, program)
	api := modelapi.New(script...)
	t.Cleanup(func() { api.CloseClientConnections(); api.Close() })
	home := t.TempDir()
	text := agentPolicy(client.Command(home, api.URL, "compute 2 + 2", false), home, `heal {
    forbid = ["retry", "restart", "wait_and_retry"]
    on_limit = "hold"
  }`)
	ended, out := supervise(t, home, text)
	d, err := firstDiagnosis(filepath.Join(home, "state"), ended)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, text, out)
	}
	return d
}

// supervise runs a policy in a home of its own until it ends or the test does.
func supervise(t *testing.T, home, policy string) (<-chan error, *bytes.Buffer) {
	t.Helper()
	path := filepath.Join(home, "policy.hcl")
	if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	sidecar := exec.Command("healer-sidecar", "run", "--config", path)
	out := &bytes.Buffer{}
	sidecar.Stdout, sidecar.Stderr = out, out
	sidecar.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_STATE_HOME="+home)
	if err := sidecar.Start(); err != nil {
		t.Fatal(err)
	}
	ended, gone := make(chan error, 1), make(chan struct{})
	go func() { ended <- sidecar.Wait(); close(gone) }()
	t.Cleanup(func() { _ = sidecar.Process.Signal(os.Interrupt); <-gone })
	return ended, out
}

// agentPolicy supervises a command; more is what else its agent block holds.
func agentPolicy(agent *exec.Cmd, home, more string) string {
	var b strings.Builder
	list, _ := json.Marshal(agent.Args)
	fmt.Fprintf(&b, "state_dir = %q\nagent \"a\" {\n  command = %s\n  dir = %q\n  env = {\n", filepath.Join(home, "state"), list, agent.Dir)
	for _, v := range agent.Env {
		name, value, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "HEALER") || strings.ContainsAny(name, "%()") {
			continue
		}
		quoted, _ := json.Marshal(value)
		fmt.Fprintf(&b, "    %q = %s\n", name, strings.ReplaceAll(strings.ReplaceAll(string(quoted), "${", "$${"), "%{", "%%{"))
	}
	fmt.Fprintf(&b, "  }\n  on_sidecar_exit = \"stop\"\n  detect \"session\" { model_timeout = \"6s\" }\n  %s\n}\n", more)
	return b.String()
}

// firstDiagnosis waits for one, or for the end of the sidecar without any.
func firstDiagnosis(state string, ended <-chan error) (*heal.Diagnosis, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(90 * time.Second)
	for done := false; ; {
		if d := diagnosed(state); d != nil || done {
			return d, nil
		}
		select {
		case <-ended:
			done = true
		case <-tick.C:
		case <-timeout:
			return nil, fmt.Errorf("no end and no diagnosis")
		}
	}
}

// diagnosed is the first diagnosis in the journal that is not only of text.
func diagnosed(state string) *heal.Diagnosis {
	files, _ := filepath.Glob(filepath.Join(state, "journal", "*"))
	for _, name := range files {
		text, _ := os.ReadFile(name)
		for line := range bytes.Lines(text) {
			if d := diagnosisIn(line); d != nil {
				return d
			}
		}
	}
	return nil
}

func diagnosisIn(line []byte) *heal.Diagnosis {
	var e struct {
		Diagnosis *heal.Diagnosis `json:"diagnosis"`
		Event     struct {
			Diagnosis *heal.Diagnosis `json:"diagnosis"`
		} `json:"event"`
		Payload struct {
			Diagnosis *heal.Diagnosis `json:"diagnosis"`
		} `json:"payload"`
	}
	if json.Unmarshal(line, &e) != nil {
		return nil
	}
	for _, d := range []*heal.Diagnosis{e.Diagnosis, e.Event.Diagnosis, e.Payload.Diagnosis} {
		if d != nil {
			return d
		}
	}
	return nil
}
