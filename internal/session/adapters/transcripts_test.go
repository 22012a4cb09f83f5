package adapters

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/session"
)

// recorded is what the real command lines wrote against a scripted provider, and what it means.
var recorded = []struct {
	file  string
	state session.State
	// found is what is wrong while the run goes on, over what is wrong once it has ended; empty for nothing.
	found, over session.Situation
	kind        heal.ErrorType
	cause       heal.Cause
	wait        time.Duration
}{
	{file: "claude-tool", state: session.Idle},
	{file: "claude-status403", state: session.Idle, found: session.SituationCredentials, kind: heal.ConfigurationError, cause: heal.Auth},
	{file: "claude-status429", state: session.Limited, found: session.SituationLimited, kind: heal.DependencyFailure, cause: heal.RateLimit, wait: 90 * time.Second},
	{file: "claude-status529", state: session.Idle, found: session.SituationFailed, kind: heal.DependencyFailure, cause: heal.Overload},
	{file: "claude-context", state: session.Idle, found: session.SituationContext, kind: heal.ResourceExhaustion, cause: heal.Context},
	{file: "claude-refusal", state: session.Idle, found: session.SituationRefusal, kind: heal.SafetyViolation},
	{file: "claude-hang", state: session.WaitingForModel, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "claude-hangmid", state: session.WaitingForModel, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "claude-killtool", state: session.RunningTool, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "claude-loop", state: session.RunningTool, found: session.SituationLoop, kind: heal.LearningFailure},
	{file: "codex-turn", state: session.Idle},
	{file: "codex-tool", state: session.Idle},
	{file: "codex-refusal", state: session.Idle}, // this interface has no word for it: the text alone is data
	{file: "codex-status401", state: session.Idle, found: session.SituationCredentials, kind: heal.ConfigurationError, cause: heal.Auth},
	{file: "codex-status403", state: session.Idle, found: session.SituationCredentials, kind: heal.ConfigurationError, cause: heal.Auth},
	{file: "codex-status429", state: session.Limited, found: session.SituationLimited, kind: heal.DependencyFailure, cause: heal.RateLimit},
	{file: "codex-status529", state: session.Idle, found: session.SituationFailed, kind: heal.DependencyFailure, cause: heal.Overload},
	{file: "codex-context", state: session.Idle, found: session.SituationContext, kind: heal.ResourceExhaustion, cause: heal.Context},
	{file: "codex-hang", state: session.WaitingForModel, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "codex-hangmid", state: session.WaitingForModel, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "codex-killtool", state: session.RunningTool, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
	{file: "codex-loop", state: session.RunningTool, found: session.SituationLoop, kind: heal.LearningFailure},
	{file: "gemini-tool", state: session.Idle},
	{file: "gemini-hang", state: session.WaitingForModel, over: session.SituationUnfinished, kind: heal.ExecutionFailure},
}

// replay reads a transcript and returns the session with the time of its last record.
func replay(t *testing.T, name string) (*session.Session, time.Time) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	runtime, _, _ := strings.Cut(name, "-")
	if runtime == "claude" {
		runtime = "claude-code"
	}
	a, err := Load(runtime)
	if err != nil {
		t.Fatal(err)
	}
	s := &session.Session{}
	for line := range bytes.Lines(text) {
		s.Line(&a, line, time.Now())
	}
	return s, s.Last()
}

func TestRecordedTranscripts(t *testing.T) {
	for _, row := range recorded {
		t.Run(row.file, func(t *testing.T) {
			s, last := replay(t, row.file)
			if got := s.State(); got != row.state {
				t.Errorf("the state is %s, want %s", got, row.state)
			}
			now := s.Judge(session.Facts{Now: last}, session.DefaultLimits)
			over := s.Judge(session.Facts{Now: last, Over: true}, session.DefaultLimits)
			expect(t, "while it runs", now, row.found)
			if row.over == "" {
				row.over = row.found
			}
			if f := expect(t, "when it has ended", over, row.over); f != nil {
				if f.Vote.Type != row.kind || f.Vote.Cause != row.cause {
					t.Errorf("it means %s %s, want %s %s", f.Vote.Type, f.Vote.Cause, row.kind, row.cause)
				}
				if f.Vote.Wait.Round(time.Second) != row.wait {
					t.Errorf("it asks to wait %s, want %s", f.Vote.Wait, row.wait)
				}
			}
		})
	}
}

// expect returns the finding of a situation and reports when it is missing, or when one was found where
// none is wanted.
func expect(t *testing.T, when string, found []session.Finding, want session.Situation) *session.Finding {
	t.Helper()
	if want == "" {
		if len(found) > 0 {
			t.Errorf("%s: found %+v, want nothing", when, found)
		}
		return nil
	}
	i := slices.IndexFunc(found, func(f session.Finding) bool { return f.Situation == want })
	if i < 0 {
		t.Errorf("%s: found %+v, want %s", when, found, want)
		return nil
	}
	return &found[i]
}

// TestTornTranscripts: a transcript that is cut at any byte never makes a failure of a good session, and a
// record that nobody knows changes nothing.
func TestTornTranscripts(t *testing.T) {
	for _, name := range []string{"claude-tool", "codex-tool", "gemini-tool"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		runtime, _, _ := strings.Cut(name, "-")
		runtime = map[string]string{"claude": "claude-code"}[runtime] + map[string]string{"codex": "codex", "gemini": "gemini"}[runtime]
		a, err := Load(runtime)
		if err != nil {
			t.Fatal(err)
		}
		for cut := 0; cut < len(text); cut += 97 {
			s := &session.Session{}
			for line := range bytes.Lines(text[:cut]) {
				s.Line(&a, line, time.Now())
				s.Line(&a, []byte(`{"type":"never seen","timestamp":"2026-11-28T12:00:00Z"}`), time.Now())
			}
			if found := s.Judge(session.Facts{Now: s.Last()}, session.DefaultLimits); len(found) > 0 {
				t.Fatalf("%s cut at %d: %+v", name, cut, found)
			}
		}
	}
}

func TestEveryAdapterLoads(t *testing.T) {
	for _, name := range Names() {
		a, err := Load(name)
		if err != nil {
			t.Error(err)
		}
		if len(a.Rules) == 0 {
			t.Errorf("adapter %s has no records", name)
		}
	}
	if _, err := Load("nobody"); err == nil {
		t.Error("an unknown runtime was read")
	}
}

func FuzzRead(f *testing.F) {
	all, _ := filepath.Glob("testdata/*.jsonl")
	for _, name := range all {
		text, _ := os.ReadFile(name)
		for line := range bytes.Lines(text) {
			f.Add(line)
		}
	}
	var adapters []session.Adapter
	for _, name := range Names() {
		a, err := Load(name)
		if err != nil {
			f.Fatal(err)
		}
		adapters = append(adapters, a)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for i := range adapters {
			fuzzed(t, &adapters[i], line)
		}
	})
}

// fuzzed reads a line and its torn half: what is found must be known.
func fuzzed(t *testing.T, a *session.Adapter, line []byte) {
	s := &session.Session{}
	s.Line(a, line, time.Now())
	s.Line(a, line[:len(line)/2], time.Now())
	found := s.Judge(session.Facts{Now: time.Now()}, session.DefaultLimits)
	found = append(found, s.Judge(session.Facts{Now: time.Now(), Over: true}, session.DefaultLimits)...)
	for _, f := range found {
		if !slices.Contains(session.Situations, f.Situation) || !f.Vote.Type.Valid() {
			t.Fatalf("%+v is nothing that is known", f)
		}
	}
}
