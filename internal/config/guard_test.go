package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCostlyPolicies: whatever a policy piles up is refused with its place before the parser
// sees it, whichever sign is piled up and how often.
func TestCostlyPolicies(t *testing.T) {
	const begin = "agent \"a\" {\n  command = [\"true\"]\n  dir = "
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"minus":        {begin + strings.Repeat("-", 300_000) + "1\n}\n", "policy_too_large"},
		"short minus":  {begin + strings.Repeat("-", 50_000) + "1\n}\n", "policy_too_costly"},
		"not":          {begin + strings.Repeat("!", 40_000) + "true\n}\n", "policy_too_costly"},
		"splat":        {begin + "b" + strings.Repeat("[*]", 15_000) + "\n}\n", "policy_too_costly"},
		"dots":         {begin + "b" + strings.Repeat(".c", 15_000) + "\n}\n", "policy_too_costly"},
		"index":        {begin + `"b"` + strings.Repeat("[0]", 15_000) + "\n}\n", "policy_too_costly"},
		"sum":          {begin + "1" + strings.Repeat("+1", 20_000) + "\n}\n", "policy_too_costly"},
		"comparison":   {begin + "1" + strings.Repeat("<=1", 15_000) + "\n}\n", "policy_too_costly"},
		"condition":    {begin + strings.Repeat("a?a:", 10_000) + "1\n}\n", "policy_too_costly"},
		"templates":    {begin + `"` + strings.Repeat("${1}", 10_000) + "\"\n}\n", "policy_too_costly"},
		"exponent":     {"agent \"a\" {\n  command = [\"true\"]\n  env = { A = 1e100000000 }\n}\n", "policy_too_costly"},
		"digits":       {begin + strings.Repeat("9", 100_000) + "\n}\n", "policy_too_costly"},
		"items":        {"agent \"a\" {\n  command = [" + strings.Repeat(`"x",`, 5_000) + "]\n}\n", "policy_too_large"},
		"lines":        {strings.Repeat("\n", 900_000), "policy_too_large"},
		"wrong signs":  {begin + strings.Repeat("@", 900_000) + "\n}\n", "policy_too_large"},
		"agents":       {many(5_000, "agent \"a%d\" {\n  command = [\"true\"]\n}\n"), "policy_too_large"},
		"attributes":   {"agent \"a\" {\n" + many(10_000, "x%d = 1\n") + "}\n", ""},
		"nested items": {begin + strings.Repeat("[", 70) + "\n}\n", "policy_too_deep"},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			_, err := load(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "p.hcl:") {
				t.Fatalf("got %.200v, want %s and its place", err, c.want)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestBoundsHoldForAllFilesTogether: a directory of many files is one policy.
func TestBoundsHoldForAllFilesTogether(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		text := fmt.Sprintf("agent \"a%d\" {\n  command = [\"true\"]\n  env = {\n%s  }\n}\n", i, many(1_000, "    A%d = \"x\"\n"))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.hcl", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "policy_too_large") {
		t.Errorf("got %v", err)
	}
}

// TestDiamondsOfDependencies: as many ways as there are through layers of agents, each agent is
// walked through once.
func TestDiamondsOfDependencies(t *testing.T) {
	var text strings.Builder
	const layers = 40
	for layer := range layers {
		for _, side := range []string{"l", "r"} {
			fmt.Fprintf(&text, "agent \"%s%d\" {\n  command = [\"true\"]\n", side, layer)
			if layer > 0 {
				fmt.Fprintf(&text, "  depends_on = [\"l%d\", \"r%d\"]\n", layer-1, layer-1)
			}
			text.WriteString("}\n")
		}
	}
	if _, err := load(t, text.String()); err != nil {
		t.Error(err)
	}
}
