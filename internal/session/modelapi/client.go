package modelapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Client is a real command line of an agent, and how it is pointed at a server.
type Client struct {
	// Program is its name on the path; Transcripts is the pattern of its session files below the home.
	Program, Transcripts string
	prepare              func(home, work, url string) (args, env []string)
}

// Clients are the command lines that tests know.
var Clients = []Client{
	{"claude", ".claude/projects/*/*.jsonl", claude},
	{"codex", ".codex/sessions/*/*/*/rollout-*.jsonl", codex},
	{"gemini", ".gemini/tmp/*/chats/session-*", geminiCLI},
}

// Command is the call that asks for one turn without a person, in a home of its own. Resume goes on with the
// latest session of that home.
func (c Client) Command(home, url, prompt string, resume bool) *exec.Cmd {
	work := filepath.Join(home, "work")
	_ = os.MkdirAll(work, 0o700)
	args, env := c.prepare(home, work, url)
	switch {
	case c.Program == "codex" && resume:
		args = append([]string{"exec", "resume", "--last"}, args[1:]...)
	case c.Program == "claude" && resume:
		args = append(args, "--continue")
	case c.Program == "gemini" && resume:
		args = append(args, "--resume", "latest")
	}
	if c.Program == "codex" {
		args = append(args, prompt)
	} else {
		args = append(args, "-p", prompt)
	}
	cmd := exec.Command(c.Program, args...)
	cmd.Dir = work
	cmd.Env = append(append(plain(), "HOME="+home, "TMPDIR="+home), env...)
	return cmd
}

// plain is our environment without what points a client elsewhere.
func plain() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		own := strings.HasPrefix(name, "ANTHROPIC_") || strings.HasPrefix(name, "CLAUDE") || strings.HasPrefix(name, "OPENAI_") ||
			strings.HasPrefix(name, "CODEX_") || strings.HasPrefix(name, "GEMINI_") || strings.HasPrefix(name, "GOOGLE_")
		if !own && !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			env = append(env, v)
		}
	}
	return env
}

func claude(_, _, url string) (args, env []string) {
	return []string{"--allowedTools", "Bash"}, []string{
		"ANTHROPIC_BASE_URL=" + url, "ANTHROPIC_API_KEY=test-key", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1",
		"CLAUDE_CODE_MAX_RETRIES=0",
	}
}

func codex(home, _, url string) (args, env []string) {
	_ = os.MkdirAll(filepath.Join(home, ".codex"), 0o700)
	conf := func(name, value string) []string { return []string{"-c", "model_providers.mock." + name + "=" + value} }
	args = []string{"exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-c", `model_provider="mock"`, "-c", `model="gpt-5"`}
	args = append(args, conf("name", `"mock"`)...)
	args = append(args, conf("base_url", `"`+url+`/v1"`)...)
	args = append(args, conf("wire_api", `"responses"`)...)
	args = append(args, conf("env_key", `"MOCK_API_KEY"`)...)
	args = append(args, conf("request_max_retries", "0")...)
	args = append(args, conf("stream_max_retries", "0")...)
	return args, []string{"MOCK_API_KEY=test-key", "CODEX_HOME=" + filepath.Join(home, ".codex")}
}

func geminiCLI(home, _, url string) (args, env []string) {
	_ = os.MkdirAll(filepath.Join(home, ".gemini"), 0o700)
	settings := `{"security":{"auth":{"selectedType":"gemini-api-key"}},"privacy":{"usageStatisticsEnabled":false},"general":{"disableAutoUpdate":true}}`
	_ = os.WriteFile(filepath.Join(home, ".gemini", "settings.json"), []byte(settings), 0o600)
	return []string{"--yolo", "--skip-trust", "-m", "gemini-2.5-pro"}, []string{
		"GOOGLE_GEMINI_BASE_URL=" + url, "GEMINI_API_KEY=test-key", "GEMINI_CLI_NO_RELAUNCH=true", "GEMINI_TELEMETRY_ENABLED=false",
	}
}
