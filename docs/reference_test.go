package docs_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/drill"
	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/metrics"
)

// TestTheReferenceIsTrue: docs/reference.md is what the code says of itself.
func TestTheReferenceIsTrue(t *testing.T) {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Reference\n\nMade from the code; `UPDATE=1 go test ./docs` writes it. Blocks and attributes of a policy stand in\n[config/example.hcl](../config/example.hcl) with their defaults, and the socket in [openapi.json](openapi.json).\n")
	verbs(t, say)
	words(say)
	rules(t, say)
	served(t, say)
	got, err := os.ReadFile("reference.md")
	if os.Getenv("UPDATE") != "" {
		err = os.WriteFile("reference.md", []byte(b.String()), 0o644)
		got = []byte(b.String())
	}
	if err != nil || string(got) != b.String() {
		t.Errorf("reference.md is not what the code says (%v); UPDATE=1 go test ./docs writes it", err)
	}
}

var helpLine = regexp.MustCompile(`(?m)^  ([a-z-]+) +(.*)$`)

func verbs(t *testing.T, say func(string, ...any)) {
	t.Helper()
	say("## Verbs\n")
	help := func(args ...string) string {
		out, err := exec.Command(filepath.Join(bin, "healer-sidecar"), append(args, "--help")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	_, list, grouped := strings.Cut(help(), "Run agents:\n")
	list, _, _ = strings.Cut(list, "\nFlags:")
	if !grouped {
		t.Fatal("the help lists no verbs")
	}
	for _, m := range helpLine.FindAllStringSubmatch(list, -1) {
		if m[1] == "help" || m[1] == "completion" {
			continue
		}
		say("### %s\n\n```text\n%s\n```\n", m[1], help(m[1]))
	}
}

func words(say func(string, ...any)) {
	say("## Detectors\n\n| kind | what it sees |\n| --- | --- |")
	for _, k := range detect.Kinds {
		say("| `%s` | %s |", k.Name, k.Summary)
	}
	say("\n## Error types\n\n| type | base severity |\n| --- | --- |")
	for _, e := range heal.ErrorTypes {
		say("| `%s` | %.1f |", e, heal.Severity(e, false, 0))
	}
	say("\n## Strategies\n\nWhat is believed before anything was learned.\n\n| strategy | success | risk | takes | tries in an incident | disturbs what runs | taken back when it did not help |\n| --- | --- | --- | --- | --- | --- | --- |")
	yes := map[bool]string{true: "yes", false: "no"}
	for _, p := range heal.Profiles {
		say("| `%s` | %.2f | %.1f | %s | %d | %s | %s |", p.Strategy, p.Success, p.Risk, p.Duration, p.Tries, yes[p.Disruptive], yes[p.Undo])
	}
	say("\n## Drills\n\n| fault | what it is |\n| --- | --- |")
	for _, f := range drill.Faults {
		say("| `%s` | %s |", f.Name, f.What)
	}
	say("\n## Events\n\n")
	for _, k := range heal.EventKinds {
		say("- `%s`", k)
	}
}

var ruleComment = regexp.MustCompile(`(?m)((?:^// .*\n)+)func ([a-zA-Z]+)\(f Facts\)`)

// rules reads what the rules of the gate say above themselves.
func rules(t *testing.T, say func(string, ...any)) {
	t.Helper()
	said := map[string]string{}
	paths, err := filepath.Glob("../internal/engine/gate/rule_*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ruleComment.FindAllStringSubmatch(string(b), -1) {
			text := strings.Join(strings.Fields(strings.ReplaceAll(m[1], "//", "")), " ")
			_, text, _ = strings.Cut(text, ": ")
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "rule_"), ".go")
			said[name] = text
		}
	}
	say("\n## Rules of the gate\n\nEvery plan passes all of them, in this order; the first that does not allow it decides.\n\n| rule | why |\n| --- | --- |")
	for _, name := range gate.Names() {
		if said[name] == "" {
			t.Errorf("rule %s says nothing of itself", name)
		}
		say("| `%s` | %s |", name, said[name])
	}
}

var metricHelp = regexp.MustCompile(`(?m)^# HELP (healer_[a-z_]+) (.*)$`)

// served lists the metrics.
func served(t *testing.T, say func(string, ...any)) {
	t.Helper()
	m := metrics.New(nowhere{})
	attempt := heal.Attempt{Strategy: heal.Retry}
	for _, e := range []heal.Event{
		{Kind: heal.EventSignal, Signal: &heal.Signal{State: heal.Raised}}, {Kind: heal.EventAttempt, Attempt: &attempt}, {Kind: heal.EventOutcome, Attempt: &attempt},
		{Kind: heal.EventClosed, Outcome: heal.Recovered}, {Kind: heal.EventHeld},
	} {
		m.Note(e)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	var lines []string
	for _, found := range metricHelp.FindAllStringSubmatch(w.Body.String(), -1) {
		lines = append(lines, fmt.Sprintf("| `%s` | %s |", found[1], found[2]))
	}
	slices.Sort(lines)
	say("\n## Metrics\n\n| metric | what it is |\n| --- | --- |\n%s", strings.Join(lines, "\n"))
}
