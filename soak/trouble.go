package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

const agents = 10

// ground is where the soak takes place.
type ground struct {
	lab      *testlab.Lab
	rng      *rand.Rand
	policy   string
	metrics  string
	stranger []*exec.Cmd
	done     map[string]int
	journal  journal
}

// policy declares ten agents with a heartbeat, a limit of memory and room for many remedies.
func policy(l *testlab.Lab, metrics string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("metrics {\n  listen = %q\n}\nhost {\n  restarts = 10000\n}\n", metrics)
	for n := range agents {
		dir := folder(l, n)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		text += fmt.Sprintf("agent \"a%d\" {\n  command = [%q, %q, %q]\n  dir = %q\n%s}\n", n, self, agentMode, dir, dir, body)
	}
	return text, nil
}

const body = `  detect "heartbeat" "work" {
    file        = "beat"
    missing_for = "3s"
    startup     = "10s"
  }
  detect "memory" {
    above = "100MiB"
    for   = "0s"
  }
  output {
    size = "8MiB"
    keep = 2
  }
  heal {
    verify_for    = "2s"
    healthy_after = "10s"
    risk_limit    = 1
    budget {
      attempts = 1000
      window   = "1h"
    }
    backoff {
      base = "100ms"
      max  = "2s"
    }
  }
`

func folder(l *testlab.Lab, n int) string { return l.Path(fmt.Sprintf("a%d", n)) }

// strangers are processes beside the agents that nobody may touch.
func (g *ground) strangers() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for n := range 5 {
		dir := g.lab.Path(fmt.Sprintf("stranger%d", n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		cmd := exec.Command(self, strangerMode, dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return err
		}
		g.stranger = append(g.stranger, cmd)
	}
	return nil
}

// trouble is one thing that may go wrong, and how often it does.
type trouble struct {
	name  string
	share int
	do    func(*ground) error
}

func signalled(sig syscall.Signal) func(*ground) error {
	return func(g *ground) error {
		if pid := g.victim(); pid > 1 {
			_ = syscall.Kill(pid, sig)
		}
		return nil
	}
}

var troubles = []trouble{
	{"crash", 30, signalled(crash)},
	{"kill", 20, signalled(syscall.SIGKILL)},
	{"segfault", 5, signalled(syscall.SIGSEGV)},
	{"hang", 10, signalled(hang)},
	{"stop", 5, signalled(syscall.SIGSTOP)},
	{"leak", 8, signalled(leak)},
	{"flood", 6, signalled(flood)},
	{"order restart", 6, ordered("restart")},
	{"order stop and start", 4, ordered("stop", "start")},
	{"reload", 4, func(g *ground) error { return syscall.Kill(g.lab.PID(), syscall.SIGHUP) }},
	{"kill the sidecar", 2, (*ground).killSidecar},
}

func ordered(verbs ...string) func(*ground) error {
	return func(g *ground) error {
		agent := fmt.Sprintf("a%d", g.rng.IntN(agents))
		for _, verb := range verbs {
			if _, err := g.lab.Verb(verb, agent); err != nil {
				return err
			}
		}
		return nil
	}
}

// next picks a trouble by its share; spared leaves the sidecar itself alone.
func (g *ground) next(spared bool) trouble {
	for {
		sum := 0
		for _, t := range troubles {
			sum += t.share
		}
		n := g.rng.IntN(sum)
		for _, t := range troubles {
			if n -= t.share; n < 0 {
				if spared && t.name == "kill the sidecar" {
					break
				}
				return t
			}
		}
	}
}

// victim is the process of an agent, as its own ledger has it.
func (g *ground) victim() int {
	entries := testlab.Ledger(folder(g.lab, g.rng.IntN(agents)))
	for i := len(entries) - 1; i >= 0; i-- {
		if e := entries[i]; e.What == "start" && testlab.StateOf(e.PID) != 0 {
			return e.PID
		}
	}
	return 0
}

// killSidecar lets the next one take over what runs.
func (g *ground) killSidecar() error {
	g.lab.Kill()
	time.Sleep(time.Duration(g.rng.IntN(2000)) * time.Millisecond)
	return g.lab.Start(g.policy)
}
