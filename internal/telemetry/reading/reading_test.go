package reading

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"healer-sidecar/internal/heal"
)

func load(t testing.TB, name string, into proto.Message) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil && strings.HasSuffix(name, ".json") {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, into)
	} else if err == nil {
		err = proto.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// feed gives a reader the batches that a program sent, in this order.
func feed(t testing.TB, r *Reader, files ...string) (all []Reading) {
	t.Helper()
	for _, name := range files {
		switch {
		case strings.Contains(name, "-logs"):
			var m collogs.ExportLogsServiceRequest
			load(t, name, &m)
			all = append(all, r.Logs(&m)...)
		case strings.Contains(name, "-metrics"):
			var m colmetrics.ExportMetricsServiceRequest
			load(t, name, &m)
			all = append(all, r.Metrics(&m)...)
		default:
			var m coltrace.ExportTraceServiceRequest
			load(t, name, &m)
			all = append(all, r.Spans(&m)...)
		}
	}
	return all
}

// sum is what all readings amount to.
func sum(all []Reading) (t heal.Tokens, cost float64) {
	for _, r := range all {
		for _, u := range r.Usage {
			t, cost = t.Plus(u.Tokens), cost+u.Cost
		}
	}
	return t, cost
}

// The files are what Claude Code 2.1.197, Codex 0.171.0 and Gemini CLI 0.61.0 exported while they
// talked to a model of ours that says for each request: 100 tokens in, of which Codex and Gemini read
// 40 from the cache, 30 out. Claude is told of 50 read from the cache and 20 written to it beside them.
func TestWhatRealProgramsExportIsCountedOnce(t *testing.T) {
	claude := heal.Tokens{Input: 100, Output: 30, CacheRead: 50, CacheWrite: 20}
	codex := heal.Tokens{Input: 60, Output: 30, CacheRead: 40}
	gemini := func(n int64) heal.Tokens { return heal.Tokens{Input: 60 * n, Output: 30 * n, CacheRead: 40 * n} }
	for _, c := range []struct {
		name  string
		files []string
		want  heal.Tokens
		cost  float64
	}{
		{"claude, logs first", []string{"claude-logs.pb", "claude-metrics.pb"}, claude, 0.0014},
		{"claude, metrics first", []string{"claude-metrics.pb", "claude-logs.pb"}, claude, 0.0014},
		{"claude, twice the metrics", []string{"claude-metrics.pb", "claude-logs.pb", "claude-metrics.pb"}, claude.Plus(claude), 0.0028},
		{"codex, logs first", []string{"codex-logs.pb", "codex-traces.pb", "codex-metrics.pb"}, codex, 0},
		{"codex, metrics first", []string{"codex-metrics.pb", "codex-logs.pb", "codex-traces.pb"}, codex, 0},
		{"codex, spans first", []string{"codex-traces.pb", "codex-logs.pb", "codex-metrics.pb"}, codex, 0},
		{"codex, spans only", []string{"codex-traces.pb"}, codex, 0},
		{"gemini, logs first", []string{"gemini-logs.json", "gemini-metrics-1.json", "gemini-metrics-2.json"}, gemini(1), 0},
		{"gemini, growing metrics", []string{"gemini-metrics-1.json", "gemini-metrics-2.json", "gemini-metrics-3.json", "gemini-logs.json"}, gemini(4), 0},
		{"gemini, the same twice", []string{"gemini-metrics-3.json", "gemini-metrics-3.json"}, gemini(4), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := feed(t, NewReader(), c.files...)
			got, cost := sum(all)
			if got != c.want || cost-c.cost > 1e-9 || c.cost-cost > 1e-9 {
				t.Errorf("got %+v and %v, want %+v and %v", got, cost, c.want, c.cost)
			}
			for _, r := range all {
				if r.Agent != "a" || r.Run != "a-1" {
					t.Errorf("it belongs to %s %s", r.Agent, r.Run)
				}
			}
		})
	}
}

func TestGrowingCountersGoOnAfterARestartOfTheSidecar(t *testing.T) {
	before := feed(t, NewReader(), "gemini-metrics-2.json")
	r := NewReader()
	for _, b := range before {
		for _, u := range b.Usage {
			r.Resume(b.Agent, b.Run, u.Process, u.Via, u.Marks)
		}
	}
	got, _ := sum(append(before, feed(t, r, "gemini-metrics-3.json", "gemini-logs.json")...))
	if want := (heal.Tokens{Input: 240, Output: 120, CacheRead: 160}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRequestsTheirTimesAndNoPrompts(t *testing.T) {
	for _, c := range []struct {
		files  []string
		status int
		n      int
		firsts int
		model  string
	}{
		{[]string{"claude-logs.pb"}, 200, 1, 0, "claude-opus-4-8"},
		{[]string{"codex-logs.pb", "codex-metrics.pb"}, 200, 1, 1, "gpt-6.2-sol"},
		{[]string{"gemini-logs.json"}, 200, 1, 0, "gemini-x"},
	} {
		requests, firsts := 0, 0
		var used []heal.Usage
		for _, r := range feed(t, NewReader(), c.files...) {
			requests += r.Requests[c.status]
			firsts += len(r.First)
			used = append(used, r.Usage...)
		}
		for _, u := range used {
			if u.Model != c.model {
				t.Errorf("%v: the model is %q", c.files, u.Model)
			}
		}
		if requests != c.n || firsts != c.firsts {
			t.Errorf("%v: %d requests, %d times to the first token", c.files, requests, firsts)
		}
	}
}

func TestANameIsBoundedAndHarmless(t *testing.T) {
	if got := short("a b\x1b[31m\nc" + strings.Repeat("x", 500)); len(got) != maxName || strings.ContainsAny(got, " \n\x1b") {
		t.Errorf("%q", got)
	}
}

func FuzzBatches(f *testing.F) {
	for _, name := range []string{"claude-logs.pb", "claude-metrics.pb", "codex-logs.pb", "codex-metrics.pb", "codex-traces.pb"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader()
		var logs collogs.ExportLogsServiceRequest
		var metrics colmetrics.ExportMetricsServiceRequest
		var spans coltrace.ExportTraceServiceRequest
		var all []Reading
		if proto.Unmarshal(b, &logs) == nil {
			all = append(all, r.Logs(&logs)...)
		}
		if proto.Unmarshal(b, &metrics) == nil {
			all = append(all, r.Metrics(&metrics)...)
		}
		if proto.Unmarshal(b, &spans) == nil {
			all = append(all, r.Spans(&spans)...)
		}
		for _, one := range all {
			if one.Agent == "" || one.Run == "" {
				t.Fatal("a reading of nobody")
			}
			for _, u := range one.Usage {
				if !(u.Cost >= 0) || u.Tokens.Output < 0 || u.Tokens.CacheRead < 0 || len(u.Model) > 4*maxName {
					t.Fatalf("nobody used %+v", u)
				}
			}
		}
	})
}
