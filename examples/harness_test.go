// Package examples_test runs the example agents under the built binary.
package examples_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// patience is how long an expected event may take on a loaded machine.
const patience = 90 * time.Second

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "healer-examples")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "healer-sidecar")
	out, err := exec.Command("go", "build", "-o", binary, "../cmd/healer-sidecar").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// sidecar is a running binary in a folder of its own that holds the examples.
type sidecar struct {
	t          *testing.T
	dir, state string
	cmd        *exec.Cmd
	log        *bytes.Buffer
	seen       []heal.Event
	stream     chan heal.Event
	ended      bool
}

// start runs a policy of this folder on copies of the example files.
func start(t *testing.T, policy string) *sidecar {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	dir, err := os.MkdirTemp("", "ex")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	s := &sidecar{t: t, dir: dir, state: filepath.Join(dir, "state"), log: &bytes.Buffer{}, stream: make(chan heal.Event, 1000)}
	s.cmd = exec.Command(binary, "run", "--config", filepath.Join(dir, policy), "--state-dir", s.state)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	up := make(chan bool, 1)
	go s.readLog(bufio.NewScanner(stderr), up)
	if !<-up {
		t.Fatalf("the sidecar did not start: %s", s.log)
	}
	s.follow()
	return s
}

func (s *sidecar) readLog(lines *bufio.Scanner, up chan<- bool) {
	told := false
	for lines.Scan() {
		if !told && strings.Contains(lines.Text(), "started") {
			told = true
			up <- true
		}
		if !told {
			s.log.WriteString(lines.Text() + "\n")
		}
	}
	if !told {
		up <- false
	}
}

// follow reads the event stream of the sidecar as any program would.
func (s *sidecar) follow() {
	cmd := exec.Command(binary, "events", "--follow", "--json", "--state-dir", s.state)
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		dec := json.NewDecoder(out)
		for {
			var e heal.Event
			if dec.Decode(&e) != nil {
				break
			}
			s.stream <- e
		}
		close(s.stream)
		_ = cmd.Wait()
	}()
}

// until reads on to an event of the kind for the agent.
func (s *sidecar) until(kind heal.EventKind, agent string) heal.Event {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e, ok := <-s.stream:
			if !ok {
				s.t.Fatalf("the sidecar ended before %s of %s", kind, agent)
			}
			s.seen = append(s.seen, e)
			if e.Kind == kind && e.Agent == agent {
				return e
			}
		case <-timeout:
			s.t.Fatalf("no %s of %s; seen: %s", kind, agent, s.story())
		}
	}
}

func (s *sidecar) story() string {
	var b strings.Builder
	for _, e := range s.seen {
		fmt.Fprintf(&b, "\n  %s %s %s", e.Agent, e.Kind, e.Note)
	}
	return b.String()
}

// count counts the events of a kind that were seen.
func (s *sidecar) count(kind heal.EventKind) int {
	n := 0
	for _, e := range s.seen {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// verb runs a verb against the sidecar.
func (s *sidecar) verb(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(binary, append(args, "--state-dir", s.state)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// status is the status of the only agent, or the named one.
func (s *sidecar) status(agent string) heal.AgentStatus {
	s.t.Helper()
	var all heal.SidecarStatus
	if err := json.Unmarshal([]byte(s.verb("status", "--json")), &all); err != nil {
		s.t.Fatal(err)
	}
	for _, a := range all.Agents {
		if a.Agent == agent {
			return a
		}
	}
	s.t.Fatalf("no agent %s in %+v", agent, all)
	return heal.AgentStatus{}
}

// worked is the agent's counter of useful work.
func (s *sidecar) worked() int {
	b, err := os.ReadFile(filepath.Join(s.dir, "work.txt"))
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(string(b))
	return n
}

// moves waits until the counter of useful work has passed a value.
func (s *sidecar) moves(before int) {
	s.t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for s.worked() <= before {
		select {
		case <-look.C:
		case <-late:
			s.t.Fatalf("the counter of useful work still stands at %d%s", s.worked(), s.story())
		}
	}
}

// stop ends the sidecar and checks that it left nothing behind.
func (s *sidecar) stop() {
	if s.ended {
		return
	}
	s.ended = true
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the sidecar ended with %v", err)
	}
	for e := range s.stream {
		s.seen = append(s.seen, e)
	}
	for _, e := range s.seen {
		if e.Run != nil && tagged(e.Run.ID) != "" {
			s.t.Errorf("process %s of run %s is left behind", tagged(e.Run.ID), e.Run.ID)
		}
	}
}

// tagged finds a process that carries the mark of a run.
func tagged(run string) string {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte("HEALER_RUN_ID="+run)) {
			return path
		}
	}
	return ""
}
