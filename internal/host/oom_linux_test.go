package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"healer-sidecar/internal/host/procs"
)

func score(t *testing.T, pid string) int {
	t.Helper()
	b, err := os.ReadFile("/proc/" + pid + "/oom_score_adj")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAgentsDieBeforeUs(t *testing.T) {
	p, _ := started(t, "sleep 600")
	if err := procs.DieFirst(p.PID); err != nil {
		t.Fatal(err)
	}
	if own, theirs := score(t, "self"), score(t, fmt.Sprint(p.PID)); theirs <= own && own < 1000 || theirs < 0 {
		t.Errorf("ours is %d, the agent's %d", own, theirs)
	}
}
