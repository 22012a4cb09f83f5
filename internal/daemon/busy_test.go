package daemon

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/sampling"
)

// TestPortsOfAnAgent are found in how it is started, but for those of what it needs.
func TestPortsOfAnAgent(t *testing.T) {
	agent := config.Agent{Command: []string{"serve", "--port=8080", "--workers", "4", "--at", "[::1]:9090"}, Env: map[string]string{"DB": "postgres://db:5432/x", "N": "700000"}}
	agent.Ready.TCP = "127.0.0.1:8080"
	outside := []config.Dependency{{Name: "db", Target: config.Target{TCP: "db:5432"}}}
	got := portsOf(agent, outside)
	if slices.Sort(got); !slices.Equal(got, []int{8080, 9090}) {
		t.Errorf("they are %v", got)
	}
}

func TestAPortThatIsTakenIsWaitedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if !sampling.Listening(port) {
		t.Skip("this host does not tell who listens")
	}
	idle, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := idle.Addr().(*net.TCPAddr).Port
	idle.Close()
	if got := taken([]int{port, free}); !slices.Equal(got, []int{port}) {
		t.Errorf("of %d and %d it says %v are taken", port, free, got)
	}
	go l.Close()
	if !portFreed(t.Context(), func() bool { return !sampling.Listening(port) }) {
		t.Error("nobody waits for port " + strconv.Itoa(port))
	}
}

// TestAProgramThatIsBack: one that is away counts as back when there is a file that can be executed;
// one that stays as it is does not.
func TestAProgramThatIsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent")
	a := config.Agent{Command: []string{path}}
	back := programBack(a)
	if back() {
		t.Error("there is none")
	}
	if err := os.WriteFile(path, []byte("#!/nowhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if back() {
		t.Error("it cannot be executed")
	}
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if !back() {
		t.Error("it is there")
	}
	if programBack(a)() {
		t.Error("what could not be executed has not changed")
	}
}
