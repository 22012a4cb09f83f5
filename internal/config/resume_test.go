package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// agentOf loads a policy of one agent.
func agentOf(t *testing.T, body string) Agent {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte("agent \"a\" {\n"+body+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return p.Agents[0]
}

func TestResumedCommands(t *testing.T) {
	for _, row := range []struct {
		body   string
		resume bool
		want   string
		env    string
	}{
		{`command = ["bot", "run"]`, true, "bot run", ""},
		{"command = [\"bot\", \"run\"]\nresume { args = [\"--continue\"] }", false, "bot run", ""},
		{"command = [\"bot\", \"run\"]\nresume { args = [\"--continue\"] }", true, "bot run --continue", ""},
		{"command = [\"bot\", \"run\"]\nresume { command = [\"bot\", \"resume\", \"--last\"] }", true, "bot resume --last", ""},
		{"command = [\"bot\"]\nresume { env = { SESSION = \"last\" } }", true, "bot", "last"},
		{"command = [\"bot\"]\nresume { command = [\"bot\", \"resume\"] }\ndegrade \"small\" { args = [\"--small\"] }", true, "bot resume --small", ""},
	} {
		a := agentOf(t, row.body)
		degrade := len(a.Degrades)
		got := a.Dressed(Overlays{Resume: row.resume, Degrade: degrade})
		if strings.Join(got.Command, " ") != row.want || got.Env["SESSION"] != row.env {
			t.Errorf("%s resumed %v runs %q with %q, want %q with %q", row.body, row.resume, got.Command, got.Env, row.want, row.env)
		}
		if a.Heal.Resumes != (a.Resume != nil) {
			t.Errorf("%s: the engine hears %v", row.body, a.Heal.Resumes)
		}
		if slices.Equal(a.Command, got.Command) == (row.resume && row.env == "" && a.Resume != nil) {
			t.Errorf("%s: the policy itself became %q", row.body, a.Command)
		}
	}
}

func TestResumeNeedsSomething(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.hcl")
	for _, body := range []string{"command = [\"bot\"]\nresume {}", "attach { pid = 4 }\nresume { args = [\"-c\"] }"} {
		if err := os.WriteFile(path, []byte("agent \"a\" {\n"+body+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil {
			t.Errorf("%s was accepted", body)
		}
	}
}

func TestNudges(t *testing.T) {
	a := agentOf(t, "command = [\"bot\"]\ntty = true\nnudge \"go\" {\n on = [\"turn_stalled\"]\n keys = \"go on\\r\"\n}")
	if len(a.Nudges) != 1 || a.Nudges[0].Keys != "go on\r" || len(a.Heal.Nudges) != 1 || a.Heal.Nudges[0].On[0] != "turn_stalled" {
		t.Errorf("the nudges are %+v, the engine hears %+v", a.Nudges, a.Heal.Nudges)
	}
	path := filepath.Join(t.TempDir(), "p.hcl")
	for _, body := range []string{
		`on = ["turn_stalled"]`, `signal = "SIGUSR1"`, "on = [\"nonsense\"]\nsignal = \"SIGUSR1\"", "on = [\"asleep\"]\nkeys = \"x\"",
		"on = [\"asleep\"]\nsignal = \"SIGUSR1\"\ncommand = [\"true\"]",
	} {
		text := "agent \"a\" {\ncommand = [\"bot\"]\nnudge \"n\" {\n" + body + "\n}\n}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil {
			t.Errorf("%s was accepted", body)
		}
	}
}
