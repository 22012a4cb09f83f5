package offline

import (
	"io"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

func TestDiagnosePlansAWaitFromTheEvidence(t *testing.T) {
	j, err := Diagnose(&heal.Exit{Code: 1}, []string{"RateLimitError: 429 too many requests, retry-after: 7"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if j.Diagnosis.Type != heal.DependencyFailure || j.Diagnosis.Wait != 7*time.Second {
		t.Errorf("diagnosis is %s with wait %s", j.Diagnosis.Type, j.Diagnosis.Wait)
	}
	if j.Plan == nil || j.Plan.Strategy != heal.WaitAndRetry || j.Plan.Delay != 7*time.Second {
		t.Errorf("plan is %+v", j.Plan)
	}
}

func TestDiagnoseCleanExitIsNoFailure(t *testing.T) {
	j, err := Diagnose(&heal.Exit{}, []string{"ERROR: handled"}, time.Now())
	if err != nil || j.Plan != nil || j.Diagnosis.Type != heal.Benign {
		t.Errorf("got %+v, %v", j, err)
	}
}

func TestLastLinesStaysBounded(t *testing.T) {
	in := io.MultiReader(strings.NewReader(strings.Repeat("a\n", 1000)), io.LimitReader(zeros{}, 8<<20), strings.NewReader("\nlast"))
	lines, err := LastLines(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != lastLines || lines[len(lines)-1] != "last" || len(lines[len(lines)-2]) != lineWidth {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
