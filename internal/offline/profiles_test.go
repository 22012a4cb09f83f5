package offline

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/profiles"
)

// TestProfilesAreValid: each is a whole policy with its example, by itself and as init writes it.
func TestProfilesAreValid(t *testing.T) {
	for _, p := range profiles.All {
		d := Look(p.Example, t.TempDir())
		if d.Profile.Name != p.Name {
			t.Errorf("%q has profile %q, want %q", p.Example, d.Profile.Name, p.Name)
		}
		short := "agent \"a\" {\n  command = " + list(p.Example) + "\n  profile = " + literal(p.Name) + "\n}\n"
		for name, text := range map[string]string{"init": d.Text(), "profile": short} {
			path := filepath.Join(t.TempDir(), "p.hcl")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			policy, err := config.Load(path)
			if err != nil {
				t.Errorf("%s of %s: %v\n%s", name, p.Name, err, text)
				continue
			}
			if _, diags := detect.Decode(policy.Agents[0]); diags.HasErrors() {
				t.Errorf("%s of %s: %v", name, p.Name, diags)
			}
			if shadow := policy.Agents[0].Heal.Shadow; shadow != (name == "init") {
				t.Errorf("%s of %s: shadow is %v", name, p.Name, shadow)
			}
		}
	}
}

// TestProgramsAreRecognised: behind wrappers, interpreters and package runners.
func TestProgramsAreRecognised(t *testing.T) {
	for command, want := range map[string]string{
		"claude -p x": "claude-code", "npx @anthropic-ai/claude-code -p x": "claude-code", "codex exec x": "codex",
		"/usr/local/bin/gemini -p x": "gemini", "openclaw gateway run": "openclaw", "python3 -m vllm.entrypoints.openai.api_server --model m": "vllm",
		"uv run langgraph dev": "langgraph", "env A=1 n8n start": "n8n", "ollama serve": "ollama", "poetry run celery -A app worker": "celery",
		"node server.js": "node", "python3 agent.py": "", "bash -c 'exec gunicorn app:app'": "gunicorn",
	} {
		words := strings.Fields(command)
		if i := strings.Index(command, "'"); i >= 0 {
			words = append(strings.Fields(command[:i]), strings.Trim(command[i:], "'"))
		}
		if got := profileOf(words).Name; got != want {
			t.Errorf("%q has profile %q, want %q", command, got, want)
		}
	}
}

// TestProfilesFitTheProgram: where it is installed and runs, its resume arguments and name are those that its help knows.
func TestProfilesFitTheProgram(t *testing.T) {
	for _, p := range profiles.All {
		path, err := exec.LookPath(p.Example[0])
		if err != nil {
			t.Logf("%s is not installed: its profile is only read", p.Example[0])
			continue
		}
		cmd := exec.Command(path, "--help")
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("%s is installed and does not run here: %v\n%s", path, err, out[:min(len(out), 200)])
			continue
		}
		for _, word := range resumeFlags(t, p.Name) {
			if !strings.Contains(string(out), word) {
				t.Errorf("%s --help does not know %s", path, word)
			}
		}
	}
}

// resumeFlags are the options by which a profile resumes.
func resumeFlags(t *testing.T, profile string) (flags []string) {
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte("agent \"a\" {\n  command = [\"a\"]\n  profile = "+literal(profile)+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	policy, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if r := policy.Agents[0].Resume; r != nil {
		for _, word := range r.Args {
			if strings.HasPrefix(word, "-") {
				flags = append(flags, word)
			}
		}
	}
	return flags
}
