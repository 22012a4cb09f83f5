package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// bystanderMode plays a process that nobody may signal; it writes down who does.
const bystanderMode = "bystander"

func bystander(dir string) {
	all := make(chan os.Signal, 8)
	signal.Notify(all, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGCONT, syscall.SIGUSR1)
	testlab.Book(dir, "bystander")
	for sig := range all {
		testlab.Book(dir, "SIGNAL"+strconv.Itoa(int(sig.(syscall.Signal))))
	}
}

// takeover lets the sidecar and its agent die and puts a bystander on the agent's
// number. It returns the bystander.
func takeover(l *testlab.Lab, p string) (*exec.Cmd, error) {
	if err := l.Start(p); err != nil {
		return nil, err
	}
	a, err := l.Agent()
	if err != nil {
		return nil, err
	}
	l.Kill()
	_ = syscall.Kill(a.Process.PID, syscall.SIGKILL)
	if err := testlab.Wait("the agent is reaped", func() bool { return testlab.StateOf(a.Process.PID) == 0 }); err != nil {
		return nil, err
	}
	self, _ := os.Executable()
	for range 50 {
		if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", fmt.Append(nil, a.Process.PID-1), 0); err != nil {
			return nil, skipped{"the next pid cannot be chosen here: " + err.Error()}
		}
		cmd := exec.Command(self, bystanderMode, l.Dir)
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		if cmd.Process.Pid == a.Process.PID {
			return cmd, testlab.Wait("the bystander listens", func() bool { return strings.Contains(readFile(l, "ledger"), "bystander") })
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return nil, skipped{"the pid could not be taken in 50 tries: the machine is busy"}
}

func readFile(l *testlab.Lab, name string) string {
	b, _ := os.ReadFile(l.Path(name))
	return string(b)
}

// unharmed ends the bystander and reports whether anybody had signalled it.
func unharmed(l *testlab.Lab, cmd *exec.Cmd) error {
	err := cmd.Process.Signal(syscall.Signal(0))
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if book := readFile(l, "ledger"); err != nil || strings.Contains(book, "SIGNAL") {
		return fmt.Errorf("the bystander was hit: %v %s", err, book)
	}
	return nil
}

// pidReused: the number of the agent belongs to somebody else now.
func pidReused(l *testlab.Lab) (string, error) {
	p := policy(l, "sleep", "")
	other, err := takeover(l, p)
	if err != nil {
		return "", err
	}
	if err := l.Start(p); err != nil {
		return "", err
	}
	for _, verb := range []string{"stop", "start", "restart", "stop"} {
		if _, err := l.Verb(verb, "a"); err != nil {
			return "", err
		}
	}
	if err := unharmed(l, other); err != nil {
		return "", err
	}
	_, err = starts(l)
	return "the bystander saw no signal", err
}

// rebooted: the state names a pid of an earlier boot.
func rebooted(l *testlab.Lab) (string, error) {
	p := policy(l, "sleep", "")
	other, err := takeover(l, p)
	if err != nil {
		return "", err
	}
	boot := l.Path("boot")
	if err := os.WriteFile(boot, []byte("00000000-0000-0000-0000-000000000001\n"), 0o600); err != nil {
		return "", err
	}
	l.Wrap = []string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"`, boot}
	if err := exec.Command("unshare", "-m", "mount", "--bind", boot, "/proc/sys/kernel/random/boot_id").Run(); err != nil {
		return "", skipped{"no right to change the boot id: " + err.Error()}
	}
	if err := l.Start(p); err != nil {
		return "", err
	}
	if err := testlab.Wait("the agent is started", func() bool { n, _ := starts(l); return n == 2 }); err != nil {
		return "", err
	}
	if n := l.Count(heal.EventOpened); n > 0 {
		return "", fmt.Errorf("a reboot opened %d incidents", n)
	}
	_, err = starts(l)
	if hit := unharmed(l, other); hit != nil {
		return "", hit
	}
	return "no signal, one start", err
}

// spoofedName: the kernel's status line holds what the agent wants.
func spoofedName(l *testlab.Lab) (string, error) {
	if err := l.Start(shell(l, `printf 'x) Z 1 (y' > /proc/$$/comm; while :; do sleep 1; done`, "")); err != nil {
		return "", err
	}
	time.Sleep(500 * time.Millisecond)
	a, err := l.Agent()
	if err != nil {
		return "", err
	}
	if !a.Running || a.Process.State != "running" || a.Process.Members < 1 {
		return "", fmt.Errorf("it is called %s with %d members", a.Process.State, a.Process.Members)
	}
	_, err = l.Verb("stop", "a")
	return "it is running", err
}

const shortGrace = "  stop {\n    signal = \"SIGTERM\"\n    grace  = \"1s\"\n  }\n"

// daemonises: the leader ends well and leaves a child of another name in a session of its own: no
// successor, which would be followed.
func daemonises(l *testlab.Lab) (string, error) {
	if err := l.Begin(shell(l, `(setsid sh -c 'trap "" TERM; exec sleep 300' >/dev/null 2>&1 &); sleep 0.3; exit 0`, shortGrace)); err != nil {
		return "", err
	}
	begun := time.Now()
	if err := l.Cmd.Wait(); err != nil { // all agents have finished
		return "", err
	}
	took := time.Since(begun)
	if left := testlab.Carrying("HEALER_RUN_DIR=" + l.Dir); len(left) > 0 {
		return "", fmt.Errorf("%d processes are left", len(left))
	}
	named := false
	events, err := l.Recorded()
	for _, e := range events {
		named = named || strings.Contains(e.Note, "outlived their leader")
	}
	if !named || took > 4*time.Second {
		return "", fmt.Errorf("named %v, after %s", named, took)
	}
	return fmt.Sprintf("named, and gone after %s", took.Round(10*time.Millisecond)), err
}

// forkBomb: the agent multiplies as fast as it can, up to its limit.
func forkBomb(l *testlab.Lab) (string, error) {
	heal := "  limits {\n    pids = 200\n  }\n" + shortGrace
	if err := l.Start(shell(l, `sleep 2; b() { b | b & b; }; b`, heal)); err != nil {
		return "", err
	}
	a, err := l.Agent()
	if err != nil {
		return "", err
	}
	if len(a.Process.InForce) == 0 {
		return "", skipped{"no right to limit processes here, so no bomb is lit"}
	}
	time.Sleep(5 * time.Second)
	asked := time.Now()
	if _, err := l.Status(); err != nil {
		return "", err
	}
	answered := time.Since(asked)
	begun := time.Now()
	if _, err := l.Verb("stop", "a"); err != nil {
		return "", err
	}
	took := time.Since(begun)
	left := testlab.Carrying("HEALER_RUN_DIR=" + l.Dir)
	figure := fmt.Sprintf("status in %s, gone in %s, %d left", answered.Round(time.Millisecond), took.Round(time.Millisecond), len(left))
	if took > 10*time.Second || answered > 2*time.Second || len(left) > 0 {
		return "", fmt.Errorf("%s", figure)
	}
	return figure, nil
}

// deafToTerm: TERM is ignored, or answered with fifty children.
func deafToTerm(l *testlab.Lab) (string, error) {
	line := `trap 'i=0; while [ $i -lt 50 ]; do sleep 300 & i=$((i+1)); done' TERM; while :; do sleep 0.1; done`
	if err := l.Start(shell(l, line, shortGrace)); err != nil {
		return "", err
	}
	time.Sleep(300 * time.Millisecond)
	begun := time.Now()
	if _, err := l.Verb("stop", "a"); err != nil {
		return "", err
	}
	took := time.Since(begun)
	left := testlab.Carrying("HEALER_RUN_DIR=" + l.Dir)
	figure := fmt.Sprintf("empty after %s with a grace of 1s, %d left", took.Round(time.Millisecond), len(left))
	if took < 800*time.Millisecond || took > 3*time.Second || len(left) > 0 {
		return "", fmt.Errorf("%s", figure)
	}
	return figure, nil
}

// stoppedAgent: somebody stops the agent from outside.
func stoppedAgent(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "sleep", "")); err != nil {
		return "", err
	}
	a, err := l.Agent()
	if err != nil {
		return "", err
	}
	if err := syscall.Kill(a.Process.PID, syscall.SIGSTOP); err != nil {
		return "", err
	}
	begun := time.Now()
	err = testlab.Wait("it is called stopped", func() bool {
		a, err := l.Agent()
		return err == nil && a.Process.State == "stopped" && a.Health != "healthy"
	})
	took := time.Since(begun)
	if err == nil && took > 2*time.Second {
		err = fmt.Errorf("only after %s", took)
	}
	if err != nil {
		return "", err
	}
	_, err = l.Verb("stop", "a")
	return fmt.Sprintf("stopped after %s, and can be ended", took.Round(time.Millisecond)), err
}

// blockedAgent: a frozen file system holds the agent where no signal reaches it.
func blockedAgent(l *testlab.Lab) (string, error) {
	image, disk := l.Path("image"), l.Path("disk")
	setup := fmt.Sprintf("truncate -s 16M %[1]s && mkfs.ext4 -q %[1]s && mkdir %[2]s && mount -o loop %[1]s %[2]s", image, disk)
	if out, err := exec.Command("sh", "-c", setup).CombinedOutput(); err != nil {
		return "", skipped{"no loop file system here: " + strings.TrimSpace(string(out))}
	}
	frozen := false
	defer func() {
		if frozen {
			_ = exec.Command("fsfreeze", "-u", disk).Run()
		}
		_ = exec.Command("umount", "-l", disk).Run()
	}()
	if err := l.Start(shell(l, `while :; do echo x > `+filepath.Join(disk, "f")+`; done`, shortGrace)); err != nil {
		return "", err
	}
	if err := exec.Command("fsfreeze", "-f", disk).Run(); err != nil {
		return "", skipped{"file systems cannot be frozen here"}
	}
	frozen = true
	time.Sleep(300 * time.Millisecond)
	begun := time.Now()
	if _, err := l.Verb("stop", "a"); err == nil || !strings.Contains(err.Error(), "unkillable") {
		return "", fmt.Errorf("stop answered %v", err)
	}
	took := time.Since(begun)
	if _, err := l.Verb("start", "a"); err == nil {
		return "", fmt.Errorf("a second copy was started over a survivor")
	}
	a, err := l.Agent()
	if err != nil || a.Process.State != "unkillable" || len(a.Process.Survivors) == 0 {
		return "", fmt.Errorf("status is %+v, %v", a.Process, err)
	}
	_ = exec.Command("fsfreeze", "-u", disk).Run()
	frozen = false
	if err := testlab.Wait("the survivor ends after the thaw", func() bool { a, err := l.Agent(); return err == nil && a.Process.State != "unkillable" }); err != nil {
		return "", err
	}
	if _, err := l.Verb("start", "a"); err != nil {
		return "", err
	}
	return fmt.Sprintf("unkillable after %s, no second copy, goes on after the thaw", took.Round(10*time.Millisecond)), l.Stop()
}
