package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// turn is one thing that is done to a program: a signal, then the line that it must say, or the
// state that it must reach.
type turn struct {
	signal syscall.Signal
	says   string
	stops  bool
}

const loop = `; echo ready; while :; do sleep 0.02; done`

// signalCases are programs and what is sent to them.
var signalCases = []struct {
	name, script string
	turns        []turn
}{
	{"term kills", `true` + loop, []turn{{signal: syscall.SIGTERM}}},
	{"int kills", `true` + loop, []turn{{signal: syscall.SIGINT}}},
	{"hup kills", `true` + loop, []turn{{signal: syscall.SIGHUP}}},
	{"quit kills", `ulimit -c 0; true` + loop, []turn{{signal: syscall.SIGQUIT}}},
	{"usr1 kills", `true` + loop, []turn{{signal: syscall.SIGUSR1}}},
	{"usr2 kills", `true` + loop, []turn{{signal: syscall.SIGUSR2}}},
	{"alrm kills", `true` + loop, []turn{{signal: syscall.SIGALRM}}},
	{"abrt kills", `ulimit -c 0; true` + loop, []turn{{signal: syscall.SIGABRT}}},
	{"term handled", `trap 'echo bye; exit 7' TERM` + loop, []turn{{signal: syscall.SIGTERM, says: "bye"}}},
	{"int handled, it goes on", `trap 'echo int' INT; trap 'echo usr; exit 3' USR1` + loop,
		[]turn{{signal: syscall.SIGINT, says: "int"}, {signal: syscall.SIGINT, says: "int"}, {signal: syscall.SIGUSR1, says: "usr"}}},
	{"the second int ends it", `n=0; trap 'n=$((n+1)); echo int $n; test $n = 2 && exit 4' INT` + loop,
		[]turn{{signal: syscall.SIGINT, says: "int 1"}, {signal: syscall.SIGINT, says: "int 2"}}},
	{"hup reloads", `trap 'echo reload' HUP` + loop,
		[]turn{{signal: syscall.SIGHUP, says: "reload"}, {signal: syscall.SIGHUP, says: "reload"}, {signal: syscall.SIGINT}}},
	{"quit handled", `trap 'echo dump' QUIT` + loop, []turn{{signal: syscall.SIGQUIT, says: "dump"}, {signal: syscall.SIGTERM}}},
	{"winch and usr2 handled", `trap 'echo size' WINCH; trap 'echo two' USR2` + loop,
		[]turn{{signal: syscall.SIGWINCH, says: "size"}, {signal: syscall.SIGUSR2, says: "two"}, {signal: syscall.SIGINT}}},
	{"int ignored", `trap '' INT; trap 'echo usr; exit 0' USR1` + loop,
		[]turn{{signal: syscall.SIGINT}, {signal: syscall.SIGUSR1, says: "usr"}}},
	{"int handled by failing", `trap 'exit 1' INT` + loop, []turn{{signal: syscall.SIGINT}}},
	{"stopped and continued", `trap 'echo usr' USR1` + loop,
		[]turn{{signal: syscall.SIGTSTP, stops: true}, {signal: syscall.SIGCONT}, {signal: syscall.SIGUSR1, says: "usr"}, {signal: syscall.SIGINT}}},
	{"stops by its handler", `trap 'echo saved; kill -STOP $$' TSTP; trap 'echo usr' USR1` + loop,
		[]turn{{signal: syscall.SIGTSTP, says: "saved", stops: true}, {signal: syscall.SIGCONT}, {signal: syscall.SIGUSR1, says: "usr"}, {signal: syscall.SIGINT}}},
	{"continued is told", `trap 'echo on' CONT` + loop, []turn{{signal: syscall.SIGCONT, says: "on"}, {signal: syscall.SIGINT}}},
}

// TestSignals sends the same signals to commands alone and to those that we wrap: what they say and how
// they end must be the same.
func TestSignals(t *testing.T) {
	state := t.TempDir()
	for _, c := range signalCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			argv := []string{"sh", "-c", c.script}
			want, ended := play(t, argv, state, c.turns)
			got, endedToo := play(t, append([]string{"healer-sidecar", "run", "--log-level", "off", "--"}, argv...), state, c.turns)
			if got != want || endedToo != ended {
				t.Errorf("wrapped: %q, %s\nalone:   %q, %s", got, endedToo, want, ended)
			}
		})
	}
}

// play runs a program, does to it what the turns say, and returns what it said and how it ended.
func play(t *testing.T, argv []string, state string, turns []turn) (said, ended string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(state, t.Name()), "XDG_RUNTIME_DIR="+state)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with a parent in another group it can be stopped
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewReader(out)
	var all strings.Builder
	await := func(what string) {
		for line := ""; what != "" && line != what+"\n"; {
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("%s: it never said %q: %v; it said %q", argv[0], what, err, all.String())
			}
			all.WriteString(line)
		}
	}
	await("ready")
	for _, one := range turns {
		if err := cmd.Process.Signal(one.signal); err != nil {
			t.Fatalf("%s: it ended before signal %v", argv[0], one.signal)
		}
		await(one.says)
		if one.stops {
			awaitStop(t, cmd.Process.Pid)
		}
	}
	rest, _ := io.ReadAll(lines)
	all.Write(rest)
	_ = cmd.Wait()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return all.String(), fmt.Sprintf("signal %v, code %d", status.Signal(), status.ExitStatus())
}

// awaitStop waits until a child of ours is stopped.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WNOWAIT, nil); err != nil {
		t.Fatalf("cannot wait for the stop: %v", err)
	}
}

// TestIgnoredSignals looks at what a command ignores from its beginning, as nohup and the background
// of a shell have it.
func TestIgnoredSignals(t *testing.T) {
	for _, ignored := range []string{"", "HUP", "INT QUIT", "HUP INT QUIT"} {
		t.Run(ignored, func(t *testing.T) {
			look := `grep SigIgn /proc/self/status`
			var masks []string
			for _, wrap := range []string{"", "healer-sidecar run --log-level off -- "} {
				cmd := exec.Command("sh", "-c", "trap '' PIPE "+ignored+"; trap - PIPE; "+wrap+look)
				cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				masks = append(masks, string(out))
			}
			if len(slices.Compact(masks)) != 1 {
				t.Errorf("alone and wrapped it ignores different signals: %q", masks)
			}
		})
	}
}
