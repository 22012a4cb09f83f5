package launch

import (
	"strings"
	"testing"

	"healer-sidecar/internal/config"
)

// TestAnAgentIsCalledWhatItIs: not by the shell, interpreter or wrapper that it is started with.
func TestAnAgentIsCalledWhatItIs(t *testing.T) {
	for command, want := range map[string]string{
		"claude|-p|hi": "claude", "/usr/local/bin/claude": "claude", "env|X=1|claude": "claude", "X=1|claude": "claude",
		"env|-i|-u|HOME|A=b|B=c|codex|exec": "codex", "python3|-m|http.server|8000": "http.server",
		"python3.12|-u|agent.py|--fast": "agent", "python3|-W|ignore|srv/main.py": "main", "python3|-c|print(1)": "python3",
		"python|-": "python", "nginx|-c|ok.conf": "nginx", "redis-server|redis.conf": "redis-server", "sh|need.sh": "need",
		"bash|-e|./run.sh|x": "run", "sh|-c|claude -p hi": "claude", "bash|-lc|cd /srv && exec node server.js": "server",
		"sh|-c|export A=1; FOO=bar python3 -m uvicorn app:app": "uvicorn", "sh|-c|exit 3": "sh", "sh|-c|sleep 1; exit": "sh", "sh|-c|echo hi": "sh", "sh|-c|echo a; echo b >&2": "sh", "sh|-c|if ! test -e t; then touch t; exit 3; fi": "sh", "sh|-c|while true; do claude; done": "claude",
		"sh|-c|\"$0\" \"$@\"|claude": "sh", "timeout|-s|INT|20|qwen": "qwen", "nice|-n|5|ionice|-c|3|make|all": "make", "npx|-y|@google/gemini-cli@latest": "gemini-cli",
		"uv|run|--with|x|agent.py": "agent", "uvx|--from|a|mcp-server-time": "mcp-server-time", "node|--inspect|-r|dotenv|dist/cli.mjs": "cli",
		"java|-Xmx1g|-jar|/opt/app.jar": "app", "java|-cp|a|com.x.Main": "com.x.Main", "deno|run|-A|x.ts": "x", "go|run|./cmd/server": "server", "npm|start": "npm",
		"sudo|-u|bob|env|A=1|python3|x.py": "x", "./a b": "a-b", "_": "agent", "": "agent", "stdbuf|-o|L|setsid|opencode": "opencode", "env": "env",
		"./-odd-": "odd", strings.Repeat("x", 90): strings.Repeat("x", 32), "poetry|run|python|-m|pkg.worker": "pkg.worker",
	} {
		got := NameOf(strings.Split(command, "|"))
		if got != want {
			t.Errorf("%s is called %q, want %q", command, got, want)
		}
		if !config.ValidName(got) {
			t.Errorf("%s is called %q, which no policy accepts", command, got)
		}
	}
	if got := NameOf(nil); got != "agent" {
		t.Errorf("nothing is called %q", got)
	}
}
