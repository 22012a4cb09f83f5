package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// wrongUser tries every verb of the socket as somebody else, through the closed folder and
// with the folder open.
func wrongUser(l *testlab.Lab) (string, error) {
	if os.Geteuid() != 0 {
		return "", skipped{"only root can become somebody else"}
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		return "", skipped{"setpriv is not installed"}
	}
	shared := filepath.Join(os.TempDir(), filepath.Base(l.Dir)+".sock") // where anybody may knock
	if err := l.Start(fmt.Sprintf("access {\n  socket = %q\n  read = [\"nobody\"]\n}\n", shared) + policy(l, "", "")); err != nil {
		return "", err
	}
	bin := filepath.Join(os.TempDir(), filepath.Base(l.Dir)+"-bin") // where anybody may run it
	b, err := os.ReadFile(l.Bin)
	if err == nil {
		err = os.WriteFile(bin, b, 0o755)
	}
	defer os.Remove(bin)
	if err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	verbs := [][]string{{"status"}, {"stats"}, {"events"}, {"explain"}, {"logs", "a"}, {"patterns"}, {"stop", "a"}, {"start", "a"}, {"restart", "a"}, {"release", "a"}, {"pause"}, {"resume"}, {"reload"}, {"upgrade"}, {"ack", "inc-1"}, {"approve", "inc-1"}}
	tried := 0
	for _, open := range []bool{false, true} {
		if open { // the socket alone must refuse, too
			_ = os.Chmod(l.Dir, 0o755)
			_ = os.Chmod(l.State(), 0o755)
			_ = os.Chmod(filepath.Join(l.State(), "control.sock"), 0o777)
		}
		for _, verb := range verbs {
			args := append([]string{"--reuid", "65534", "--clear-groups", bin}, verb...)
			out, err := exec.Command("setpriv", append(args, "--state-dir", l.State())...).CombinedOutput()
			if err == nil {
				return "", fmt.Errorf("%s as nobody (open: %v): %s", verb, open, out)
			}
			if open && verb[0] == "status" && !strings.Contains(string(out), "uid 65534") {
				return "", fmt.Errorf("the refusal does not name the user: %s", out)
			}
			tried++
		}
	}
	if err := onlyReads(l, bin, shared); err != nil {
		return "", err
	}
	after, err := l.Agent()
	if err != nil || after.Runs != before.Runs || after.Process.PID != before.Process.PID || after.Desired != "up" {
		return "", fmt.Errorf("something has changed: %+v, %+v, %w", before, after, err)
	}
	return fmt.Sprintf("%d tries refused and recorded, one that may read reads, nothing changed", tried), nil
}

// onlyReads tries the socket for others as one who may read.
func onlyReads(l *testlab.Lab, bin, shared string) error {
	if out, err := exec.Command("setpriv", "--reuid", "65534", "--clear-groups", bin, "status", "--socket", shared).CombinedOutput(); err != nil {
		return fmt.Errorf("who may read may not: %w: %s", err, out)
	}
	if out, err := exec.Command("setpriv", "--reuid", "65534", "--clear-groups", bin, "stop", "a", "--socket", shared).CombinedOutput(); err == nil || !strings.Contains(string(out), "not_allowed") {
		return fmt.Errorf("who may read may act: %s", out)
	}
	recorded := func() bool {
		events, _ := l.Recorded()
		return slices.ContainsFunc(events, func(e heal.Event) bool { return strings.Contains(e.Note, "refused: uid 65534") })
	}
	if err := testlab.Wait("the refusal is recorded", recorded); err != nil {
		return err
	}
	return nil
}

// socketGames puts other things where the socket goes.
func socketGames(l *testlab.Lab) (string, error) {
	target := l.Path("target")
	if err := os.WriteFile(target, []byte("untouched"), 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(l.State(), "control.sock")
	games := map[string]func() error{
		"a dead socket": func() error {
			s, err := net.Listen("unix", path)
			if err == nil {
				s.(*net.UnixListener).SetUnlinkOnClose(false)
				err = s.Close()
			}
			return err
		},
		"a link":         func() error { return os.Symlink(target, path) },
		"a regular file": func() error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"a folder":       func() error { return os.MkdirAll(filepath.Join(path, "full"), 0o700) },
	}
	for name, play := range games {
		_ = os.RemoveAll(l.State())
		if err := os.MkdirAll(l.State(), 0o700); err != nil {
			return "", err
		}
		if err := play(); err != nil {
			return "", err
		}
		err := l.Start(policy(l, "", ""))
		if answers := err == nil; answers != (name == "a dead socket") {
			return "", fmt.Errorf("with %s the sidecar answers: %v (%w)", name, answers, err)
		}
		if err == nil {
			l.Kill()
		} else if name != "a dead socket" && !exists(path) {
			return "", fmt.Errorf("%s was removed", name)
		}
	}
	if b, _ := os.ReadFile(target); string(b) != "untouched" {
		return "", fmt.Errorf("the target of a link was touched: %q", b)
	}
	long := &testlab.Lab{Bin: l.Bin, Dir: filepath.Join(l.Dir, strings.Repeat("x", 120))}
	if err := long.Start(policy(l, "", "")); err == nil || !strings.Contains(err.Error(), "longer than") {
		return "", fmt.Errorf("a long path: %w", err)
	}
	return "a dead socket is replaced; a link, a file, a folder and a long path are refused and left as they are", nil
}

// knocks opens connections, says nothing and stays.
const knocks = `import socket,sys,time
held=[]
for i in range(int(sys.argv[2])):
    s=socket.socket(socket.AF_UNIX)
    s.settimeout(2)
    try:
        s.connect(sys.argv[1]); s.send(b"GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n"); held.append(s)
    except OSError: pass
print("held", flush=True)
time.sleep(60)
`

// crowdAtTheDoor: a local user who may only look holds connections open, few descriptors are
// left, and the agent dies.
func crowdAtTheDoor(l *testlab.Lab) (string, error) {
	if os.Geteuid() != 0 {
		return "", skipped{"only root can be another user"}
	}
	door := filepath.Join(os.TempDir(), filepath.Base(l.Dir)+".sock")
	defer os.Remove(door)
	files, crowd := 64+random.IntN(400), 600+random.IntN(2000)
	who := random.IntN(3)
	uid, name := []int{1, 2, 65534}[who], []string{"daemon", "bin", "nobody"}[who]
	l.Wrap = []string{"sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, files)}
	p := policy(l, "sleep", "") + fmt.Sprintf("access {\n  socket = %q\n  read   = [%q]\n}\n", door, name)
	if err := l.Start(p); err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	mob := exec.Command("setpriv", fmt.Sprintf("--reuid=%d", uid), "--regid=65534", "--clear-groups", "python3", "-c", knocks, door, fmt.Sprint(crowd))
	if err := mob.Start(); err != nil {
		return "", skipped{"no setpriv or python3 here: " + err.Error()}
	}
	defer func() { _ = mob.Process.Kill(); _ = mob.Wait() }()
	time.Sleep(3 * time.Second)
	held := testlab.Descriptors(l.PID())
	_ = syscall.Kill(before.Process.PID, syscall.SIGKILL)
	if err := testlab.Wait("the agent is started again", func() bool {
		a, err := l.Agent()
		return err == nil && a.Running && a.Process.PID != before.Process.PID
	}); err != nil {
		return "", fmt.Errorf("%w, with %d of %d descriptors open: %s", err, held, files, l.Log())
	}
	return fmt.Sprintf("%d connections of uid %d, %d of %d descriptors open; the agent is healed", crowd, uid, held, files), nil
}
