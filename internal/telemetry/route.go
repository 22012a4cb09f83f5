package telemetry

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"healer-sidecar/internal/telemetry/reading"
)

// Route says where the telemetry of a program goes.
type Route struct {
	// Env and Argv are those of the program, with what makes it export here.
	Env, Argv []string
	// Elsewhere says why they were left as they are; empty when they were not.
	Elsewhere string
}

// elsewhere are the variables by which somebody has decided where telemetry goes.
var elsewhere = []string{
	"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
	"GEMINI_TELEMETRY_OTLP_ENDPOINT", "GEMINI_TELEMETRY_OUTFILE",
}

// switchedOff are values by which somebody has decided that there is none.
var switchedOff = map[string]string{
	"OTEL_SDK_DISABLED": "true", "OTEL_LOGS_EXPORTER": "none", "CLAUDE_CODE_ENABLE_TELEMETRY": "0", "GEMINI_TELEMETRY_ENABLED": "false",
}

// settings are files in which programs keep the same, with the word that says it.
var settings = []struct{ variable, under, file, word string }{
	{"CODEX_HOME", ".codex", "config.toml", "[otel"},
	{"", ".gemini", "settings.json", `"telemetry"`},
	{"CLAUDE_CONFIG_DIR", ".claude", "settings.json", "OTEL_EXPORTER_OTLP"},
}

// Elsewhere says why the telemetry of a program goes somewhere else already; empty when it does not.
// read returns a file of the user, or nothing.
func Elsewhere(env, argv []string, read func(path string) []byte) string {
	for _, name := range elsewhere {
		if valueOf(env, name) != "" {
			return name + " is set in its environment"
		}
	}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if off, is := switchedOff[name]; is && strings.EqualFold(value, off) {
			return kv + " switches it off"
		}
	}
	for _, word := range argv {
		if strings.HasPrefix(word, "otel.exporter") || strings.HasPrefix(word, "--telemetry-otlp-endpoint") {
			return "its arguments name a place"
		}
	}
	for _, s := range settings {
		dir := valueOf(env, s.variable)
		if dir == "" && valueOf(env, "HOME") != "" {
			dir = filepath.Join(valueOf(env, "HOME"), s.under)
		}
		if dir == "" {
			continue
		}
		if path := filepath.Join(dir, s.file); strings.Contains(string(read(path)), s.word) {
			return path + " says where it goes"
		}
	}
	return ""
}

// valueOf is the last value of a variable, as the program sees it.
func valueOf(env []string, name string) string {
	for i := len(env) - 1; i >= 0 && name != ""; i-- {
		if value, is := strings.CutPrefix(env[i], name+"="); is {
			return value
		}
	}
	return ""
}

// To routes the telemetry of a program to an address of the sidecar, unless the user routes it
// elsewhere. override does it even then. Variables that only tune it keep the user's value.
func To(address, agent, run string, env, argv []string, override bool, read func(string) []byte) Route {
	r := Route{Env: env, Argv: argv}
	why := Elsewhere(env, argv, read)
	if why != "" && !override {
		r.Elsewhere = why
		return r
	}
	for _, kv := range variables("http://" + address) {
		name, _, _ := strings.Cut(kv.text, "=")
		if kv.ours || valueOf(env, name) == "" {
			r.Env = append(r.Env[:len(r.Env):len(r.Env)], kv.text)
		}
	}
	whose := fmt.Sprintf("%s=%s,%s=%s", reading.AgentKey, agent, reading.RunKey, run)
	if given := valueOf(env, "OTEL_RESOURCE_ATTRIBUTES"); given != "" {
		whose = given + "," + whose
	}
	r.Env = append(r.Env, "OTEL_RESOURCE_ATTRIBUTES="+whose)
	if at := codexAt(argv); at >= 0 {
		r.Argv = slices.Insert(slices.Clone(argv), at+1, "-c", fmt.Sprintf(`otel.exporter={otlp-http={endpoint="http://%s/v1/logs",protocol="binary"}}`, address))
	}
	return r
}

// variable is one of the environment. Those that are ours go before what the user has set.
type variable struct {
	text string
	ours bool
}

func variables(endpoint string) []variable {
	return []variable{
		{"CLAUDE_CODE_ENABLE_TELEMETRY=1", true},
		{"OTEL_METRICS_EXPORTER=otlp", true}, {"OTEL_LOGS_EXPORTER=otlp", true},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", true}, {"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, true},
		{"GEMINI_TELEMETRY_ENABLED=true", true}, {"GEMINI_TELEMETRY_TARGET=local", true},
		{"GEMINI_TELEMETRY_OTLP_ENDPOINT=" + endpoint, true}, {"GEMINI_TELEMETRY_OTLP_PROTOCOL=http", true},
		{"GEMINI_TELEMETRY_LOG_PROMPTS=false", false},
		// A budget holds within one interval: the usual minute is long when a loop spends money.
		{"OTEL_METRIC_EXPORT_INTERVAL=5000", false}, {"OTEL_LOGS_EXPORT_INTERVAL=1000", false}, {"OTEL_BLRP_SCHEDULE_DELAY=1000", false},
	}
}

// codexAt finds the program Codex among the arguments, which takes no variables; -1 for another one.
func codexAt(argv []string) int {
	for i, word := range argv[:min(len(argv), 2)] {
		if name := filepath.Base(word); name == "codex" || name == "codex.js" {
			return i
		}
	}
	return -1
}
