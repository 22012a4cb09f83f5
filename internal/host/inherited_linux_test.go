package host

import (
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/host/kernel"
)

// TestAgentsInheritNothingOfOurServiceManager: what it told us is about us.
func TestAgentsInheritNothingOfOurServiceManager(t *testing.T) {
	for _, name := range []string{"NOTIFY_SOCKET", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "SYSTEMD_EXEC_PID", "HEALER_ANY"} {
		t.Setenv(name, "/ours")
		if slices.ContainsFunc(kernel.InheritedEnv(), func(kv string) bool { return strings.HasPrefix(kv, name+"=") }) {
			t.Errorf("%s is inherited", name)
		}
	}
}
