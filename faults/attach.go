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
