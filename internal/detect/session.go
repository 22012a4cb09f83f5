package detect

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/session"
	"healer-sidecar/internal/session/adapters"
)

// Sessions says where the transcripts of an agent are, what they mean, and when something takes too long.
type Sessions struct {
	Name    string
	Adapter session.Adapter
	// Paths are the patterns of the transcripts, Folder is where the agent works.
	Paths  []string
	Folder string
	Limits session.Limits
}

// sessionWitness is the kind of observation behind each situation: only those that a clock of ours decides
// are of liveness.
func sessionWitness(s session.Situation) heal.Witness {
	if s == session.SituationStalled || s == session.SituationAsleep {
		return heal.WitnessLiveness
	}
	return heal.WitnessSession
}

func decodeSession(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	names := append([]string{"runtime", "model_timeout", "tool_timeout", "person_timeout"}, adapters.Attributes...)
	f := config.Open(b.Body, names, config.BlockType{Name: "record", Labels: 1})
	d := &Sessions{Name: b.Title(), Folder: a.Dir, Limits: session.DefaultLimits}
	runtime := runtimeOf(a.Command)
	f.Choice("runtime", adapters.Names(), &runtime)
	if runtime == "" && !f.Has("files") {
		f.Diags = append(f.Diags, config.Problem(b.Range, "detect \"session\" cannot tell which runtime the agent is",
			`add runtime = "claude-code"; known are `+strings.Join(adapters.Names(), ", ")))
		return f.Diags
	}
	if runtime == "" {
		runtime = "jsonl"
	}
	adapter, err := adapters.Load(runtime)
	if err != nil {
		f.Wrong("runtime", err.Error(), "choose one of "+strings.Join(adapters.Names(), ", "))
		return f.Diags
	}
	adapters.Decode(f, &adapter)
	f.Duration("model_timeout", sampleEvery, &d.Limits.Model)
	f.Duration("tool_timeout", sampleEvery, &d.Limits.Tool)
	f.Duration("person_timeout", sampleEvery, &d.Limits.Person)
	d.Adapter, d.Paths = adapter, transcripts(adapter, a)
	if len(d.Paths) == 0 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, config.Problem(b.Range, "detect \"session\" names no files", `add files = ["sessions/*.jsonl"]`))
	}
	for _, p := range d.Paths {
		if _, err := filepath.Match(p, ""); err != nil {
			f.Wrong("files", fmt.Sprintf("%q is no pattern for paths", p), `write it as in files = ["sessions/*.jsonl"]`)
		}
	}
	s.Sessions = d
	for _, situation := range session.Situations {
		s.Checks = append(s.Checks, sessionCheck(b.Title(), situation))
	}
	return f.Diags
}

// runtimePrograms are the runtimes by the name of their program.
var runtimePrograms = map[string]string{"claude": "claude-code", "codex": "codex", "gemini": "gemini", "openclaw": "openclaw"}

// runtimeOf tells the runtime by the command of the agent; empty when that does not tell it.
func runtimeOf(command []string) string {
	for _, word := range command[:min(len(command), 4)] {
		if name, ok := runtimePrograms[strings.TrimSuffix(filepath.Base(word), ".js")]; ok {
			return name
		}
	}
	return ""
}

// transcripts are the patterns of the files: below the home of the runtime, as the agent sees it, or else
// below the folder of the agent.
func transcripts(adapter session.Adapter, a config.Agent) (paths []string) {
	home := adapter.Home
	if v := variable(a, adapter.HomeEnv); v != "" {
		home = v
	}
	if rest, ok := strings.CutPrefix(home, "~"); ok {
		home = filepath.Join(variable(a, "HOME"), rest)
	}
	home = config.Under(a.Dir, home)
	if home == "" {
		home = a.Dir
	}
	for _, f := range adapter.Files {
		if rest, ok := strings.CutPrefix(f, "~/"); ok {
			f = filepath.Join(variable(a, "HOME"), rest)
		}
		paths = append(paths, config.Under(home, f))
	}
	return paths
}

// variable is one of the environment that the agent is started with.
func variable(a config.Agent, name string) string {
	if name == "" {
		return ""
	}
	if v, ok := a.Env[name]; ok {
		return v
	}
	return os.Getenv(name)
}

// sessionCheck tells of one situation of the sessions.
func sessionCheck(title string, situation session.Situation) Check {
	return Check{
		Name: title + " " + string(situation), Witness: sessionWitness(situation), IO: true, session: true,
		begin: func() judge { return inSession(situation) },
	}
}

// inSession looks for one situation in what the sessions show.
type inSession session.Situation

func (s inSession) look(m sample) finding {
	i := slices.IndexFunc(m.sessions, func(f session.Finding) bool { return f.Situation == session.Situation(s) })
	if i < 0 {
		return finding{}
	}
	v := m.sessions[i].Vote
	if session.Situation(s) == session.SituationLimited && v.Wait > 0 {
		return finding{} // it lives, and knows itself until when it has to wait
	}
	v.Situation = string(s)
	return finding{bad: true, text: v.Why, vote: v}
}
