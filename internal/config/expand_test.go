package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func loadText(t *testing.T, text string) (*Policy, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func agentsOf(t *testing.T, text string) map[string]Agent {
	t.Helper()
	p, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Agent{}
	for _, a := range p.Agents {
		all[a.Name] = a
	}
	return all
}

func TestDefaultsHoldWhereAnAgentSaysNothing(t *testing.T) {
	all := agentsOf(t, `
		defaults {
		  env = { LANG = "C", LEVEL = "info" }
		  stop { grace = "3s" }
		  heal {
		    verify_for = "7s"
		    budget { attempts = 9 }
		  }
		  detect "memory" { above = "200MiB" }
		}
		agent "plain" { command = ["true"] }
		agent "own" {
		  command = ["true"]
		  env     = { LEVEL = "debug" }
		  stop { signal = "SIGINT" }
		  heal {
		    budget { window = "20m" }
		  }
		  detect "memory" { above = "1GiB" }
		  detect "no_output" { missing_for = "1m" }
		}`)
	plain, own := all["plain"], all["own"]
	if plain.Stop.Grace != 3*time.Second || plain.Heal.VerifyFor != 7*time.Second || plain.Heal.Budget.Attempts != 9 || len(plain.Detects) != 1 {
		t.Errorf("without words of its own: %+v, %+v, %d detectors", plain.Stop, plain.Heal.Budget, len(plain.Detects))
	}
	if !reflect.DeepEqual(own.Env, map[string]string{"LANG": "C", "LEVEL": "debug"}) {
		t.Errorf("its environment is %v", own.Env)
	}
	if own.Stop.Signal != "SIGINT" || own.Stop.Grace != 3*time.Second {
		t.Errorf("a block that says one thing is %+v", own.Stop)
	}
	if own.Heal.Budget.Attempts != 9 || own.Heal.Budget.Window != 20*time.Minute {
		t.Errorf("a block in a block is %+v", own.Heal.Budget)
	}
	if len(own.Detects) != 2 || !strings.Contains(own.Detects[0].Identity(), "1GiB") {
		t.Errorf("its detectors are %+v", own.Detects)
	}
}

func TestCountMakesAgentsWithNumbers(t *testing.T) {
	all := agentsOf(t, `
		defaults { env = { NAME = agent } }
		agent "web" {
		  count   = 3
		  command = ["serve", "--port", "${8000 + instance}"]
		}
		agent "gate" {
		  command    = ["gate"]
		  depends_on = ["web"]
		}`)
	if len(all) != 4 || all["web-2"].Command[2] != "8002" || all["web-3"].Env["NAME"] != "web-3" {
		t.Errorf("three of one are %+v", all)
	}
	if got := all["gate"].Heal.DependsOn; !slices.Equal(got, []string{"web-1", "web-2", "web-3"}) {
		t.Errorf("who needs them needs %v", got)
	}
}

func TestWrongDefaultsAndCountsNameTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"defaults {}\ndefaults {}\nagent \"a\" { command = [\"x\"] }":                                  "p.hcl:2",
		"defaults { command = [\"x\"] }\nagent \"a\" { command = [\"x\"] }":                            "command is no default",
		"defaults { grace = 3 }\nagent \"a\" { command = [\"x\"] }\nagent \"b\" { command = [\"x\"] }": "p.hcl:1",
		"agent \"a\" {\n count = 0\n command = [\"x\"]\n}":                                             "count",
		"agent \"a\" {\n count = 1000000000\n command = [\"x\"]\n}":                                    "count",
		"agent \"a\" {\n command = [\"x${instance}\"]\n}":                                              "instance",
		"agent \"a\" {\n count = 2\n command = [\"x\"]\n}\nagent \"a-2\" { command = [\"x\"] }":        "defined twice",
	} {
		_, err := loadText(t, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis answered with %v, which should name %s", text, err, want)
			continue
		}
		if n := strings.Count(err.Error(), "p.hcl:1"); strings.HasPrefix(text, "defaults { grace") && n != 1 {
			t.Errorf("a mistake in the defaults is named %d times: %v", n, err)
		}
	}
}
