package telemetry

import (
	"slices"
	"strings"
	"testing"
)

func nothing(string) []byte { return nil }

func TestTelemetryComesHereUnlessTheUserSendsItElsewhere(t *testing.T) {
	files := func(path, text string) func(string) []byte {
		return func(p string) []byte {
			if p == path {
				return []byte(text)
			}
			return nil
		}
	}
	for _, c := range []struct {
		name      string
		env, argv []string
		read      func(string) []byte
		override  bool
		elsewhere string
	}{
		{name: "nothing is set", env: []string{"PATH=/bin"}},
		{name: "an endpoint", env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318"}, elsewhere: "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{name: "an endpoint of one signal", env: []string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c"}, elsewhere: "LOGS_ENDPOINT"},
		{name: "an empty endpoint", env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT="}},
		{name: "switched off", env: []string{"OTEL_SDK_DISABLED=TRUE"}, elsewhere: "switches it off"},
		{name: "Gemini to a file", env: []string{"GEMINI_TELEMETRY_OUTFILE=/t"}, elsewhere: "OUTFILE"},
		{name: "arguments", argv: []string{"codex", "-c", "otel.exporter=none"}, elsewhere: "arguments"},
		{name: "a file of Codex", env: []string{"HOME=/h"}, read: files("/h/.codex/config.toml", "[otel]\nexporter=\"none\""), elsewhere: "config.toml"},
		{name: "its other home", env: []string{"HOME=/h", "CODEX_HOME=/c"}, read: files("/c/config.toml", "[otel]"), elsewhere: "/c/config.toml"},
		{name: "a file of Gemini", env: []string{"HOME=/h"}, read: files("/h/.gemini/settings.json", `{"telemetry":{}}`), elsewhere: "settings.json"},
		{name: "override", env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318"}, override: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.read == nil {
				c.read = nothing
			}
			r := To("127.0.0.1:4711", "a", "a-1", c.env, c.argv, c.override, c.read)
			if c.elsewhere != "" {
				if !strings.Contains(r.Elsewhere, c.elsewhere) || !slices.Equal(r.Env, c.env) || !slices.Equal(r.Argv, c.argv) {
					t.Errorf("%q; %v %v", r.Elsewhere, r.Env, r.Argv)
				}
				return
			}
			if r.Elsewhere != "" || valueOf(r.Env, "OTEL_EXPORTER_OTLP_ENDPOINT") != "http://127.0.0.1:4711" || valueOf(r.Env, "OTEL_RESOURCE_ATTRIBUTES") != "healer.agent=a,healer.run=a-1" {
				t.Errorf("%q; %v", r.Elsewhere, r.Env)
			}
		})
	}
}

func TestWhatTheUserTunesStays(t *testing.T) {
	r := To("h:1", "a", "a-1", []string{"OTEL_METRIC_EXPORT_INTERVAL=777", "OTEL_RESOURCE_ATTRIBUTES=team=x"}, nil, false, nothing)
	if got := valueOf(r.Env, "OTEL_METRIC_EXPORT_INTERVAL"); got != "777" {
		t.Errorf("the interval is %s", got)
	}
	if got := valueOf(r.Env, "OTEL_RESOURCE_ATTRIBUTES"); got != "team=x,healer.agent=a,healer.run=a-1" {
		t.Errorf("the attributes are %s", got)
	}
}

func TestCodexIsToldByItsArguments(t *testing.T) {
	exporter := `otel.exporter={otlp-http={endpoint="http://h:1/v1/logs",protocol="binary"}}`
	for _, c := range []struct{ argv, want []string }{
		{[]string{"/usr/bin/codex", "exec", "x"}, []string{"/usr/bin/codex", "-c", exporter, "exec", "x"}},
		{[]string{"node", "/lib/codex.js", "exec"}, []string{"node", "/lib/codex.js", "-c", exporter, "exec"}},
		{[]string{"sh", "-c", "codex exec"}, []string{"sh", "-c", "codex exec"}},
		{nil, nil},
	} {
		if r := To("h:1", "a", "a-1", nil, c.argv, false, nothing); !slices.Equal(r.Argv, c.want) {
			t.Errorf("%q became %q", c.argv, r.Argv)
		}
	}
}
