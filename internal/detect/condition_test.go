package detect

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

func TestConditions(t *testing.T) {
	full := sample{
		up: time.Hour, quiet: time.Minute,
		usage:    sampling.Usage{Memory: value(2 << 30), CPU: value(50), FDs: value(100), Processes: 3},
		pressure: sampling.Pressure{Memory: value(30)},
	}
	for _, row := range []struct {
		when       string
		bad, blind bool
	}{
		{"memory > 1GiB", true, false},
		{"memory > 3GiB", false, false},
		{"memory > 1GiB and psi_memory > 20%", true, false},
		{"memory > 1GiB and psi_memory > 40%", false, false},
		{"memory > 3GiB or fds > 90", true, false},
		{"cpu < 60% and quiet > 30s and uptime > 10m", true, false},
		{"processes > 3", false, false},
		{"psi_io > 10%", false, true},
		{"psi_io > 10% or memory > 1GiB", true, false},
	} {
		groups, err := parseCondition(row.when)
		if err != nil {
			t.Errorf("%s: %v", row.when, err)
			continue
		}
		c := condition{groups: groups, text: row.when, failures: 1, of: 1, typ: heal.ResourceExhaustion}
		if f := c.look(full); f.bad != row.bad || f.unknown != row.blind {
			t.Errorf("%s: got %+v", row.when, f)
		}
	}
}

func TestConditionCountsLooks(t *testing.T) {
	groups, err := parseCondition("cpu > 80%")
	if err != nil {
		t.Fatal(err)
	}
	c := condition{groups: groups, failures: 3, of: 5}
	bad := ""
	for _, cpu := range []float64{90, 10, 90, 10, 90, 10, 10, 10} {
		bad += map[bool]string{true: "x", false: "."}[c.look(sample{usage: sampling.Usage{CPU: &cpu}}).bad]
	}
	if bad != "....x..." {
		t.Errorf("got %s", bad)
	}
}

func TestWrongConditions(t *testing.T) {
	for when, want := range map[string]string{
		"":                       "empty",
		"memory":                 "no comparison",
		"memory > many":          "1.5GiB",
		"memori > 1GiB":          `did you mean "memory"`,
		"memory = 1GiB":          "> or <",
		"memory > 1GiB fds > 3":  "is neither and",
		"memory > 1GiB and":      `ends with "and"`,
		"memory > 1GiB xor fds<": "is neither and",
	} {
		if _, err := parseCondition(when); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", when, err)
		}
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("memory > 1GiB and psi_memory > 20% or fds > 900")
	f.Fuzz(func(t *testing.T, when string) {
		groups, err := parseCondition(when)
		if (err == nil) != (len(groups) > 0) {
			t.Errorf("%q: %v, %v", when, groups, err)
		}
	})
}
