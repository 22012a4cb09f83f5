package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// hostilePIDs lets the sidecar attach to what no pid file may name.
func hostilePIDs(l *testlab.Lab) (string, error) {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return "", err
	}
	canary := make(chan os.Signal, 16)
	signal.Notify(canary, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGCONT)
	defer signal.Stop(canary)
	names := map[string]string{
		"zero": "0", "all": "-1", "init": "1", "group": fmt.Sprint(-os.Getpid()),
		"2^31": "2147483648", "2^64": "18446744073709551616", "nothing": "", "letters": "12x", "NUL": "1\x00", "spaces": " 1 2 ",
		"digits": strings.Repeat("9", 1<<20), "lines": "1\n2\n", "sign": "+1", "hex": "0x1", "point": "1.0",
	}
	if pid := kernelThread(); pid != "" {
		names["kernel thread"] = pid
	}
	stranger, err := strangersProcess()
	if err == nil {
		defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
		names["another user's"] = fmt.Sprint(stranger.Process.Pid)
	}
	for name, text := range names {
		if err := os.WriteFile(l.Path("pid"), []byte(text), 0o600); err != nil {
			return "", err
		}
		if err := refusedPID(l, name); err != nil {
			return "", err
		}
	}
	// A shell that becomes the sidecar names itself, and its parent.
	for _, who := range []string{"$$", "$PPID"} {
		line := fmt.Sprintf("echo %s > %s; exec %s attach --pidfile %s --state-dir %s", who, l.Path("pid"), l.Bin, l.Path("pid"), l.State())
		out, err := exec.Command("sh", "-c", line).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "bad_pid") {
			return "", fmt.Errorf("%s: %v %s", who, err, out)
		}
	}
	select {
	case sig := <-canary:
		return "", fmt.Errorf("a signal got out: %s", sig)
	case <-time.After(200 * time.Millisecond):
	}
	return fmt.Sprintf("%d hostile files, each refused with bad_pid, no signal seen", len(names)+2), nil
}

func refusedPID(l *testlab.Lab, name string) error {
	cmd := exec.Command(l.Bin, "attach", "--pidfile", l.Path("pid"), "--state-dir", l.State())
	done := make(chan struct{})
	var out []byte
	var err error
	go func() { out, err = cmd.CombinedOutput(); close(done) }()
	select {
	case <-done:
	case <-time.After(testlab.Patience):
		_ = cmd.Process.Kill()
		<-done
		return fmt.Errorf("%s: it was attached to", name)
	}
	if err == nil || !strings.Contains(string(out), "bad_pid") {
		return fmt.Errorf("%s: %v %.300s", name, err, out)
	}
	return nil
}

// kernelThread is the number of one, where they can be seen.
func kernelThread() string {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		_, rest, ok := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); ok && len(f) > 1 && f[1] == "2" {
			return e.Name()
		}
	}
	return ""
}

// strangersProcess belongs to nobody.
func strangersProcess() (*exec.Cmd, error) {
	const nobody = 65534
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd, cmd.Start()
}

// startedAgain: a process of another user is attached to, dies, and must come back as exactly
// what it was: with the user, the groups, the capabilities, the limits and the umask it had.
func startedAgain(l *testlab.Lab) (string, error) {
	if os.Geteuid() != 0 {
		return "", skipped{"only root can start a process of another user again"}
	}
	who := []string{"nobody", "daemon", "bin"}[random.IntN(3)]
	groups := fmt.Sprintf("%d,%d", 5000+random.IntN(100), 6000+random.IntN(100))
	keep := []string{"-all", "-sys_admin,-net_raw", "-chown"}[random.IntN(3)]
	files := 40 + random.IntN(500)
	umask := []string{"027", "077", "002"}[random.IntN(3)]
	line := fmt.Sprintf("ulimit -n %d; ulimit -c 0; umask %s; cd /usr; exec setpriv --reuid=%s --regid=%d --groups=%s --bounding-set=%s sleep 300", files, umask, who, 7000+random.IntN(100), groups, keep)
	if random.IntN(2) == 0 {
		line = strings.Replace(line, "setpriv ", "setpriv --no-new-privs ", 1)
	}
	first := exec.Command("sh", "-c", line)
	if err := first.Start(); err != nil {
		return "", err
	}
	defer func() { _ = first.Process.Kill() }()
	if err := testlab.Wait("it has become "+who, func() bool {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", first.Process.Pid))
		return strings.TrimSpace(string(b)) == "sleep"
	}); err != nil {
		return "", err
	}
	before, err := traits(first.Process.Pid)
	if err != nil {
		return "", err
	}
	p := fmt.Sprintf("agent \"a\" {\n  attach {\n    pid      = %d\n    user     = %q\n    captured = true\n  }\n}\n", first.Process.Pid, who)
	if err := l.Start(p); err != nil {
		return "", err
	}
	if err := testlab.Wait("it is attached", func() bool { a, err := l.Agent(); return err == nil && a.Running }); err != nil {
		return "", fmt.Errorf("%w: %s", err, l.Log())
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	pid := 0
	if err := testlab.Wait("it is started again", func() bool {
		a, err := l.Agent()
		if err == nil && a.Running && a.Process.PID != first.Process.Pid {
			b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", a.Process.PID))
			pid = a.Process.PID
			return strings.TrimSpace(string(b)) == "sleep"
		}
		return false
	}); err != nil {
		return "", fmt.Errorf("%w: %s", err, l.Log())
	}
	after, err := traits(pid)
	if err != nil {
		return "", err
	}
	for name, was := range before {
		if after[name] != was {
			return "", fmt.Errorf("%s was %q and is %q (%s)", name, was, after[name], line)
		}
	}
	return fmt.Sprintf("back as %s with groups %s, umask %s, %d files, the same capabilities", who, groups, umask, files), nil
}

// traits are what a process may do.
func traits(pid int) (map[string]string, error) {
	all := map[string]string{}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "Uid", "Gid", "Groups", "Umask", "NoNewPrivs", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
			all[name] = strings.TrimSpace(value)
		}
	}
	if b, err = os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid)); err != nil {
		return nil, err
	}
	all["limits"] = string(b)
	all["cwd"], err = os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return all, err
}
