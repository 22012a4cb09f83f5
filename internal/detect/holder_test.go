package detect

import (
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// TestHolderOfAPortThatTheOutputDoesNotName: "address already in use" is all that many programs say.
func TestHolderOfAPortThatTheOutputDoesNotName(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells who listens")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	command := []string{"serve", "--db", "postgres://127.0.0.1:5432/x", "--bind", "127.0.0.1:" + strconv.Itoa(port)}
	ports := portsOf(config.Agent{Command: command})
	if !slices.Equal(ports, []int{port}) {
		t.Fatalf("its ports are %v: want %d", ports, port)
	}
	a := Agent{spec: Spec{Ports: ports}}
	said := heal.TextEvidence{Votes: []heal.Vote{{Rule: classify.AddressInUse}}}
	if a.holder(&said); said.Needs == nil || said.Needs.Holder == nil || said.Needs.Holder.PID != os.Getpid() {
		t.Errorf("it needs %+v: want the port that process %d has", said.Needs, os.Getpid())
	}
	other := heal.TextEvidence{Votes: []heal.Vote{{Rule: "refused"}}}
	if a.holder(&other); other.Needs != nil {
		t.Errorf("nothing was in use: %+v", other.Needs)
	}
}
