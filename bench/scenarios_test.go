package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// leastScenarios is how many ways to fail there must be.
const leastScenarios = 30

// load reads every scenario and every adapter, and makes a policy of ours for each scenario.
const load = `
import os, sys, tempfile
sys.path.insert(0, ".")
os.environ["HB_ADAPTERS"] = "healer_adapter.py"
os.environ["HB_HEALER"] = sys.executable
from hb import adapters, heal
from hb.core import Cell
class NoCell:
    def popen(self, *a, **k): raise SystemExit("nothing may be started")
ours = adapters.chosen(["healer", "healer_untold"])
for name in heal.names():
    m = heal.load(name)
    s = m.SCENARIO
    for key in ("title", "limit_s", "success"):
        assert key in s, (name, key)
    for ad in ours:
        d = tempfile.mkdtemp(dir=sys.argv[1])
        ctx = heal.Ctx(d, 24000, m, NoCell(), NoCell())
        made = ad(NoCell(), d, heal=True)
        made.configure(heal.specs_of(ctx))
        print(made.conf)
`

// TestScenarios: each is whole, and our policies for it are valid, told and untold.
func TestScenarios(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to load the scenarios with")
	}
	paths, err := filepath.Glob("scenarios/*.py")
	if err != nil || len(paths) < leastScenarios {
		t.Fatalf("%d scenarios, %v: at least %d", len(paths), err, leastScenarios)
	}
	cmd := exec.Command(python, "-B", "-c", load, t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	bin := filepath.Join(t.TempDir(), "healer-sidecar")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/healer-sidecar").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, policy := range strings.Fields(string(out)) {
		if out, err := exec.Command(bin, "validate", policy).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}
