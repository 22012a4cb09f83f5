package docs_test

import (
	"os"
	"strings"
	"testing"
)

// TestDependenciesAreReviewed: every module that go.mod names directly stands in the table, and
// nothing else does.
func TestDependenciesAreReviewed(t *testing.T) {
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("design/0001-architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "## Dependencies")
	direct := ""
	for line := range strings.Lines(string(mod)) {
		f := strings.Fields(line)
		if len(f) < 2 || !strings.HasPrefix(line, "\t") || strings.Contains(line, "// indirect") {
			continue
		}
		direct += f[0] + " "
		name := strings.TrimPrefix(f[0], "github.com/")
		for _, end := range []string{"/v2", "/v3", "/v22", "/otlp"} {
			name = strings.TrimSuffix(name, end)
		}
		if !strings.Contains(section, name) {
			t.Errorf("%s is not in the table", f[0])
		}
	}
	for line := range strings.Lines(section) {
		names, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		for name := range strings.SplitSeq(names, ", ") {
			if strings.Contains(name, "/") && !strings.Contains(name, " ") && !strings.Contains(string(mod), strings.TrimSpace(name)) {
				t.Errorf("%s is in the table and not in go.mod (%s)", name, direct)
			}
		}
	}
}
