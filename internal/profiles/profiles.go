// Package profiles holds the policies that fit well-known programs: the inside of an agent block for each,
// without its command.
package profiles

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.hcl
var files embed.FS

// Profile fits one program.
type Profile struct {
	Name string
	// Summary says what it is for, in a line.
	Summary string
	// Programs are the names by which it is recognised, Example is a command.
	Programs []string
	Example  []string
}

// All lists the profiles.
var All = []Profile{
	{"claude-code", "Claude Code: sessions, resume, credentials", []string{"claude", "claude-code", "cli-wrapper"}, []string{"claude", "-p", "PROMPT"}},
	{"codex", "OpenAI Codex: sessions, credentials", []string{"codex"}, []string{"codex", "exec", "PROMPT"}},
	{"gemini", "Gemini CLI: sessions, resume, exit codes", []string{"gemini", "gemini-cli"}, []string{"gemini", "-p", "PROMPT"}},
	{"openclaw", "OpenClaw gateway: port, sessions, configuration", []string{"openclaw", "clawdbot", "moltbot"}, []string{"openclaw", "gateway", "run"}},
	{"hermes", "Hermes agent: loops, configuration", []string{"hermes", "hermes-agent"}, []string{"hermes", "gateway", "run"}},
	{"goose", "Goose: loops, resume, configuration", []string{"goose"}, []string{"goose", "run", "-t", "PROMPT"}},
	{"langgraph", "LangGraph server: health, port", []string{"langgraph", "langgraph-cli"}, []string{"langgraph", "dev"}},
	{"n8n", "n8n: health, long first start, port", []string{"n8n"}, []string{"n8n", "start"}},
	{"ollama", "Ollama: health, port, fewer requests at a time", []string{"ollama"}, []string{"ollama", "serve"}},
	{"vllm", "vLLM server: health, very long start, port", []string{"vllm"}, []string{"vllm", "serve", "MODEL"}},
	{"gunicorn", "Gunicorn: port, graceful stop", []string{"gunicorn"}, []string{"gunicorn", "app:app"}},
	{"uvicorn", "Uvicorn and FastAPI: port, graceful stop", []string{"uvicorn", "fastapi", "hypercorn"}, []string{"uvicorn", "app:app"}},
	{"celery", "Celery worker: hang, warm shutdown", []string{"celery"}, []string{"celery", "-A", "app", "worker"}},
	{"node", "Node.js server: spin", []string{"node"}, []string{"node", "server.js"}},
}

// Names are those of all profiles.
func Names() (names []string) {
	for _, p := range All {
		names = append(names, p.Name)
	}
	return names
}

// Text is the inside of the agent block; false for an unknown name.
func Text(name string) (string, bool) {
	b, err := files.ReadFile(name + ".hcl")
	return string(b), err == nil
}

// Of finds the profile of a program by its name, or by that of a module below it; false for one that is not
// known.
func Of(program string) (Profile, bool) {
	program, _, _ = strings.Cut(program, ".")
	i := slices.IndexFunc(All, func(p Profile) bool { return slices.Contains(p.Programs, program) })
	if i < 0 {
		return Profile{}, false
	}
	return All[i], true
}
