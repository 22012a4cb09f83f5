package host

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// dial connects from inside a cgroup or a namespace and reports whether that succeeded.
func dial(t *testing.T, n netblock.Network, port int) bool {
	t.Helper()
	p, err := reaper().Start(procs.Command{
		Argv: []string{"bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d", port)}, Env: os.Environ(), Cgroup: n.Cage.FD(), Namespace: n.Namespace,
	})
	if err != nil {
		t.Fatal(err)
	}
	e := <-p.Exited
	return e.Code == 0 && e.Signal == ""
}

func TestACutTakesTheNetworkFromOneRunOnly(t *testing.T) {
	cages := cgroup.Open("cut-test")
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
	cage, err := cages.New("bad")
	if err != nil {
		t.Fatal(err)
	}
	defer cage.Remove()
	good, err := cages.New("good")
	if err != nil {
		t.Fatal(err)
	}
	defer good.Remove()
	cuts, bad := netblock.Open("cut-test"), netblock.Network{Cage: cage}
	if how, err := cuts.Block("bad", os.Getpid(), bad); err != nil {
		t.Skip("no right to cut the network here: ", err)
	} else if how != netblock.Blocked {
		t.Errorf("it says %q", how)
	}
	defer cuts.Sweep(nil, nil)
	if !dial(t, netblock.Network{Cage: good}, port) {
		t.Error("a neighbour is cut off too")
	}
	givesBack(t, cuts, bad, port)
}

// givesBack goes through what becomes of a run named bad that was cut off.
func givesBack(t *testing.T, cuts *netblock.Blocker, bad netblock.Network, port int) {
	t.Helper()
	if dial(t, bad, port) {
		t.Error("one that is cut off reaches others")
	}
	where := map[string]bool{bad.Namespace: true}
	if err := netblock.Open("cut-test").Sweep(map[string]bool{"bad": true}, where); err != nil || !cuts.Holds("bad", bad) {
		t.Errorf("the next sidecar gave the network back, %v", err)
	}
	if err := cuts.Unblock("bad", bad); err != nil || cuts.Holds("bad", bad) || !dial(t, bad, port) {
		t.Errorf("it did not get the network back: %v", err)
	}
}

// makeNamespace is a network namespace with nothing but a loopback, for the time of a test.
func makeNamespace(t *testing.T) (path string, inhabitant int) {
	t.Helper()
	p, err := reaper().Start(procs.Command{Argv: []string{"unshare", "-n", "sh", "-c", "read wait"}, Env: os.Environ(), Stdin: held(t), Cgroup: -1})
	if err != nil {
		t.Skip("no unshare here: ", err)
	}
	t.Cleanup(func() { _ = p.Signal(syscall.SIGKILL); <-p.Exited })
	path = fmt.Sprintf("/proc/%d/ns/net", p.PID)
	for begun := time.Now(); !apart(path); time.Sleep(time.Millisecond) {
		if !procfs.Alive(p.PID) || time.Since(begun) > time.Minute {
			t.Skip("no right to make a network namespace here")
		}
	}
	var up error
	if err := netblock.Within(path, func() { up = loopbackUp() }); err != nil || up != nil {
		t.Skip("no right to enter a network namespace here: ", errors.Join(err, up))
	}
	return path, p.PID
}

// apart reports that a namespace is not ours.
func apart(path string) bool {
	theirs, err := os.Readlink(path)
	own, _ := os.Readlink("/proc/self/ns/net")
	return err == nil && theirs != own
}

// held is an input that says nothing until the test is over.
func held(t *testing.T) *os.File {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); out.Close() })
	return in
}

func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, r)
}

func TestANamespaceIsCutOffAsAWhole(t *testing.T) {
	path, pid := makeNamespace(t)
	var l net.Listener
	var err error
	if failed := netblock.Within(path, func() { l, err = net.Listen("tcp", "127.0.0.1:0") }); failed != nil || err != nil {
		t.Fatal(failed, err)
	}
	defer l.Close()
	port, bad := l.Addr().(*net.TCPAddr).Port, netblock.Network{Namespace: path}
	if dial(t, netblock.Network{}, port) {
		t.Fatal("the host reaches into the namespace")
	}
	if !dial(t, bad, port) {
		t.Fatal("a program that was started in the namespace does not live there")
	}
	cuts := netblock.Open("cut-test")
	if how, err := cuts.Block("bad", os.Getpid(), bad); err == nil {
		t.Errorf("one that lives elsewhere is %s", how)
	}
	if how, err := cuts.Block("bad", pid, netblock.Network{Namespace: "/proc/self/ns/net"}); err == nil {
		t.Errorf("the sidecar's own network is %s", how)
	}
	if _, err := cuts.Block("bad", pid, bad); err != nil {
		t.Skip("no right to cut the network here: ", err)
	}
	defer cuts.Sweep(nil, map[string]bool{path: true})
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	if !dial(t, netblock.Network{}, outside.Addr().(*net.TCPAddr).Port) {
		t.Error("the host is cut off too")
	}
	givesBack(t, cuts, bad, port)
}

// TestAMissingNamespaceStartsNothing: one that asked for a network of its own must not get
// that of the host.
func TestAMissingNamespaceStartsNothing(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), "/proc/self/ns/net"} {
		_, err := reaper().Start(procs.Command{Argv: []string{"true"}, Env: os.Environ(), Cgroup: -1, Namespace: path})
		if err == nil || !strings.Contains(err.Error(), "network namespace") {
			t.Errorf("in %s it fails with %v", path, err)
		}
	}
}
