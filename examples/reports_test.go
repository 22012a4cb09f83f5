package examples_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

func TestReportsInPython(t *testing.T) {
	s := start(t, "reports.hcl")
	s.reports("python")
}

// TestReportsInTypeScript takes the types out with the tool that the ecosystem uses; Node
// itself can only do so from version 22 on.
func TestReportsInTypeScript(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	out, err := exec.Command("npx", "--yes", "esbuild@0.25.0", "reports.ts", "--format=esm", "--outfile=reports.mjs").CombinedOutput()
	if err != nil {
		t.Skipf("types cannot be taken out here: %v: %.200s", err, out)
	}
	t.Cleanup(func() { os.Remove("reports.mjs") })
	s := start(t, "reports_ts.hcl")
	s.reports("typescript")
}

// reports checks what an agent of the two languages says.
func (s *sidecar) reports(agent string) {
	s.t.Helper()
	d := s.diagnosis(agent, heal.DependencyFailure)
	if !strings.Contains(strings.Join(d.Evidence, "\n"), "quota used up") {
		s.t.Errorf("the evidence is %v", d.Evidence)
	}
	if out := s.verb("logs", agent); !strings.Contains(out, `refused: cannot read report: "no such type" is no error type`) {
		s.t.Errorf("it printed %s", out)
	}
}
