package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"healer-sidecar/internal/heal"
)

func load(t *testing.T, text string) (*Policy, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestLoadTakesAWholePolicy(t *testing.T) {
	p, err := load(t, `
state_dir = "/tmp/x"
agent "a" {
  command  = ["prog", "-v"]
  env      = { KEY = "value" }
  critical = true
  stop   {
    signal = "SIGINT"
    grace = "3s"
  }
  limits {
    memory = "2GiB"
    cpu = "150%"
    pids = 64
  }
  detect "exit" { success_codes = [0] }
  detect "log" "stdout" {}
  heal {
    verify_for = "5s"
    budget { attempts = 2 }
    on "unknown" { strategies = ["restart"] }
  }
}
notify "ops" { url = "https://example.org/x" }
`)
	if err != nil {
		t.Fatal(err)
	}
	a := p.Agents[0]
	if a.Stop.Signal != "SIGINT" || a.Stop.Grace != 3*time.Second || a.Limits != (Limits{Memory: 2 << 30, CPU: 150, PIDs: 64}) || a.Env["KEY"] != "value" {
		t.Errorf("agent is %+v", a)
	}
	if len(a.Detects) != 2 || a.Detects[1].Kind != "log" || a.Detects[1].Label != "stdout" {
		t.Errorf("detect blocks are %+v", a.Detects)
	}
	h := a.Heal
	if !h.Critical || h.VerifyFor != 5*time.Second || h.Budget != (heal.Budget{Attempts: 2, Window: 10 * time.Minute}) {
		t.Errorf("heal is %+v", h)
	}
	if got, given := h.Ladder(heal.Unknown, ""); !given || len(got) != 2 || got[0] != heal.Restart || got[1] != heal.Escalate {
		t.Errorf("ladder is %v", got)
	}
}

func TestMistakesNameThePlaceAndTheRemedy(t *testing.T) {
	in := func(body string) string { return "agent \"a\" {\n  command = [\"x\"]\n" + body + "\n}\n" }
	cases := []struct{ name, text, place, hint string }{
		{"unknown field", in(`comand = 1`), ":3:", "command"},
		{"wrong type", in(`critical = "often"`), ":3:", "true or"},
		{"missing unit", in(`stop { grace = 10 }`), ":3:", `"30s"`},
		{"zero without unit", in(`stop { grace = "10" }`), ":3:", `"30s"`},
		{"size without unit", in(`limits { memory = "100" }`), ":3:", "MiB"},
		{"percent without sign", in(`limits { cpu = "100" }`), ":3:", "%"},
		{"unknown type", in("heal {\n on \"execution_failur\" { strategies = [] }\n }"), ":4:", "execution_failure"},
		{"unknown strategy", in("heal {\n on \"unknown\" { strategies = [\"restrat\"] }\n }"), ":4:", "restart"},
		{"unknown word", in(`heal { on_limit = "slwo" }`), ":3:", "slow"},
		{"bad range", in(`heal { risk_limit = 2 }`), ":3:", "between"},
		{"duplicate agent", in("") + in(""), ":5:", "another name"},
		{"no command", "agent \"a\" {\n}\n", ":1:", "command ="},
		{"empty command", "agent \"a\" {\n  command = []\n}\n", ":2:", "name a program"},
		{"bad name", "agent \"../a\" {\n  command = [\"x\"]\n}\n", ":1:", "letters"},
		{"no agent", "state_dir = \"/x\"\n", ":1:", "agent"},
		{"nothing", "", ":1:", "agent"},
		{"not HCL", "agent {{{\n", ":1:", ""},
		{"deep nesting", "x = " + strings.Repeat("[", 120000), ":1:", "close a bracket"},
		{"huge file", strings.Repeat("# comment\n", 200000), ":1:", "split"},
		{"for expression", in(`env = { for k in ["a"] : k => k }`), ":3:", "write the list out"},
		{"function", in(`dir = upper("x")`), ":3:", ""},
		{"variable", in(`dir = x`), ":3:", ""},
		{"nobody to notify", in("") + `notify "ops" {}`, ":5:", "a command, a url"},
		{"bad url", in("") + `notify "ops" { url = "ftp://x" }`, ":5:", "https"},
		{"detect without kind", in(`detect {}`), ":3:", "memory"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.text)
			var wrong *Error
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v: want an error with a place", err)
			}
			if !strings.Contains(err.Error(), "p.hcl"+c.place) || !strings.Contains(wrong.Hint(), c.hint) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q with hint %q: want place %q and hint with %q", err, wrong.Hint(), c.place, c.hint)
			}
		})
	}
}

func TestForIsAFieldNameInBlocks(t *testing.T) {
	_, err := load(t, "agent \"a\" {\n  command = [\"x\"]\n  detect \"memory\" { for = \"10s\" }\n}\n")
	if err != nil {
		t.Errorf("for as a field: %v", err)
	}
}

func TestDirectoryIsOnePolicy(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.hcl": "agent \"a\" {\n  command = [\"x\"]\n}\n", "b.hcl": "agent \"b\" {\n  command = [\"x\"]\n}\n", "notes.txt": "{{{",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load(dir)
	if err != nil || len(p.Agents) != 2 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("agent \"a\" { command = [\"x\"] }")
	f.Add("x = [for a in b : a]")
	f.Add("a = \"${[[[[\"")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := load(t, text); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error has several lines: %q", err)
		}
	})
}

func TestDependencies(t *testing.T) {
	agent := func(name, needs string) string {
		return "agent \"" + name + "\" {\n  command = [\"true\"]\n  depends_on = [" + needs + "]\n}\n"
	}
	for name, row := range map[string]struct{ text, want string }{
		"unknown":         {agent("a", `"b"`), `p.hcl:3:3: agent "a" depends on "b"`},
		"itself":          {agent("a", `"a"`), "p.hcl:3:3: agents depend on one another in a circle: a -> a"},
		"circle":          {agent("a", `"b"`) + agent("b", `"c"`) + agent("c", `"a"`), "p.hcl:3:3: agents depend on one another in a circle: a -> b -> c -> a"},
		"beside a circle": {agent("d", `"a"`) + agent("a", `"b"`) + agent("b", `"a"`), "p.hcl:7:3: agents depend on one another in a circle: a -> b -> a"},
	} {
		_, err := load(t, row.text)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %s", name, err, row.want)
		}
	}
	p, err := load(t, agent("a", `"b", "c"`)+agent("b", `"c"`)+agent("c", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := StopOrder(p.Agents); !reflect.DeepEqual(got, [][]string{{"a"}, {"b"}, {"c"}}) {
		t.Errorf("they are stopped as %v", got)
	}
}

// TestANamespaceIsForOneAgent, by its name or its path, and for one that we start.
func TestANamespaceIsForOneAgent(t *testing.T) {
	agent := func(name, how, namespace string) string {
		return "agent \"" + name + "\" {\n  " + how + "\n  isolate {\n    namespace = \"" + namespace + "\"\n  }\n}\n"
	}
	started, attached := `command = ["true"]`, "attach {\n    pid = 2\n  }"
	for _, row := range []struct{ text, want string }{
		{agent("a", started, "x") + agent("b", started, "/run/netns/x"), `p.hcl:7:1: agents "a" and "b" have the same network namespace`},
		{agent("a", attached, "x"), `p.hcl:1:1: agent "a" is attached to, and cannot be started in a network namespace`},
	} {
		if _, err := load(t, row.text); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got %v, want %s", err, row.want)
		}
	}
	p, err := load(t, agent("a", started, "x")+agent("b", started, "y"))
	if err != nil {
		t.Fatal(err)
	}
	if i := p.Agents[0].Isolate; i.Namespace != "/run/netns/x" || !i.Network {
		t.Errorf("it is isolated by %+v", i)
	}
}

// FuzzHopeless: what the scan calls hopeless is too deep for the exact look, too, and the
// scan never leaves the text.
func FuzzHopeless(f *testing.F) {
	for _, seed := range []string{"a = [[[[[[[[[", `a = "${[[[[[[["`, "a {\n b {\n c {\n", "a = \"[[[[[[[[[[\"\n", "# [[[[[[[[\n", "/* [[[[[[[[ */", `a = "$${[[[[[[["`, "a = <<X\n[[[[\nX\n", `"${(}((((`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		const most = 4
		at, _ := hopeless(src, most, len(src))
		if at < 0 || !utf8.Valid(src) || bytes.Contains(src, []byte("<<")) {
			return
		}
		tokens, diags := hclsyntax.LexConfig(src[:at+1], "x", hcl.InitialPos)
		if diags.HasErrors() {
			return // it would be refused anyway
		}
		depth, deepest := 0, 0
		for _, token := range tokens {
			switch token.Type {
			case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
				depth++
			case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
				depth = max(depth-1, 0)
			}
			deepest = max(deepest, depth)
		}
		if deepest < most {
			t.Errorf("%q is called hopeless at %d, and is %d deep", src, at, deepest)
		}
	})
}
