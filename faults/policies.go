package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// hostileText is a policy that is more than a parser can bear: some text again and again. It must
// be refused, soon and with little memory.
type hostileText struct {
	name, begin, text string
	times             int
	says              string
	most              time.Duration
	memory            int64 // KiB
}

const nestedFor = "agent \"a\" {\n  command = [for a in range(9): [for b in range(9): [for c in range(9): [for d in range(9): [for e in range(9): [for f in range(9): [for g in range(9): \"x\"]]]]]]]\n}\n"

var hostilePolicies = []hostileText{
	{"nested [", "a = ", "[", 100_000, "deep", time.Second, 64 << 10},
	{"nested (", "a = ", "(", 100_000, "deep", time.Second, 64 << 10},
	{"nested {a=", "a = ", "{a=", 100_000, "deep", time.Second, 64 << 10},
	{"nested \"${", "a = ", "\"${", 100_000, "deep", time.Second, 64 << 10},
	{"nested blocks", "", "a {\n", 100_000, "deep", time.Second, 64 << 10},
	{"nested for", "", nestedFor, 1, "for", 2 * time.Second, 128 << 10},
	{"a string of 50 MB", "a = \"", "xxxxxxxxxx", 5 << 20, "large", 500 * time.Millisecond, 32 << 10},
	{"a million attributes", "", "a = 1\n", 1_000_000, "large", 500 * time.Millisecond, 32 << 10},
}

// write does not hold the text: a child is charged with what its parent has held.
func (h hostileText) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	_, _ = w.WriteString(h.begin)
	for range h.times {
		_, _ = w.WriteString(h.text)
	}
	return w.Flush()
}

// hostilePolicy gives them to validate, to run, and to a reload, which changes nothing.
func hostilePolicy(l *testlab.Lab) (string, error) {
	good := policy(l, "", "")
	if err := l.Start(good); err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	slowest, most := time.Duration(0), int64(0)
	for _, h := range hostilePolicies {
		if err := h.write(l.Path("policy.hcl")); err != nil {
			return "", err
		}
		for _, verb := range []string{"validate", "run", "reload"} {
			took, memory, out, err := refusedPolicy(l, verb)
			if err != nil || !strings.Contains(out, h.says) {
				return "", fmt.Errorf("%s by %s: %w: %.300s", h.name, verb, err, out)
			}
			if verb != "reload" && (took > h.most || memory > h.memory) {
				return "", fmt.Errorf("%s by %s took %s and %d KiB", h.name, verb, took, memory)
			}
			slowest, most = max(slowest, took), max(most, memory)
		}
	}
	after, err := l.Agent()
	if err != nil || after.Process.PID != before.Process.PID || l.Count(heal.EventStarted) != 1 {
		return "", fmt.Errorf("the agent was touched: %+v, %w", after, err)
	}
	return fmt.Sprintf("%d policies refused three ways, %s and %d MiB at most; the agent untouched", len(hostilePolicies), slowest.Round(time.Millisecond), most>>10), nil
}

// refusedPolicy gives the policy to a verb, which must fail.
func refusedPolicy(l *testlab.Lab, verb string) (time.Duration, int64, string, error) {
	args := map[string][]string{
		"validate": {"validate", l.Path("policy.hcl")},
		"run":      {"run", "--config", l.Path("policy.hcl"), "--state-dir", l.Path("other")},
		"reload":   {"reload", "--state-dir", l.State()},
	}[verb]
	ctx, cancel := context.WithTimeout(context.Background(), testlab.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.Bin, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, "", err
	}
	most := make(chan int64, 1)
	go func() { most <- memoryOf(cmd.Process.Pid, l.Bin) }()
	err := cmd.Wait()
	took, memory := time.Since(begun), <-most
	if err == nil {
		return 0, 0, out.String(), fmt.Errorf("it is accepted")
	}
	return took, memory, out.String(), nil
}

// memoryOf watches the most memory that a process ever held, in KiB, until it ends. What the
// kernel says afterwards counts the memory of ours in which the process was born.
func memoryOf(pid int, program string) (most int64) {
	for {
		exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		held := testlab.Peak(pid)
		if held == 0 {
			return most // it has ended
		}
		if exe == program {
			most = max(most, int64(held))
		}
		time.Sleep(time.Millisecond)
	}
}
