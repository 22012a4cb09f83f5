package host

import (
	"fmt"
	"net"
	"os"
	"testing"
)

// dial connects from inside a cgroup and reports whether that succeeded.
func dial(t *testing.T, cage *Cage, port int) bool {
	t.Helper()
	p, err := reaper().Start(Command{Argv: []string{"bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d", port)}, Env: os.Environ(), Cgroup: cage.FD()})
	if err != nil {
		t.Fatal(err)
	}
	e := <-p.Exited
	return e.Code == 0 && e.Signal == ""
}

func TestACutTakesTheNetworkFromOneRunOnly(t *testing.T) {
	cages := OpenCages("cut-test")
	if cages.Dir == "" {
		t.Skip("no cgroup v2 of our own here: " + cages.Why)
	}
	defer cages.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	bad, err := cages.New("bad")
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Remove()
	good, err := cages.New("good")
	if err != nil {
		t.Fatal(err)
	}
	defer good.Remove()
	cuts := OpenCuts("cut-test")
	if how, err := cuts.Cut("bad", bad); err != nil {
		t.Skip("no right to cut the network here: ", err)
	} else if how != CutOff {
		t.Errorf("it says %q", how)
	}
	defer cuts.Sweep(nil)
	if dial(t, bad, port) {
		t.Error("one that is cut off reaches others")
	}
	if !dial(t, good, port) {
		t.Error("a neighbour is cut off too")
	}
	if err := OpenCuts("cut-test").Sweep(map[string]bool{"bad": true}); err != nil || !cuts.Holds("bad") {
		t.Errorf("the next sidecar gave the network back, %v", err)
	}
	if err := cuts.Mend("bad"); err != nil || cuts.Holds("bad") || !dial(t, bad, port) {
		t.Errorf("it did not get the network back: %v", err)
	}
}
