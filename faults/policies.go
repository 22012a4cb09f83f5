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

// costlyPolicies: texts that are short of no limit of size and that no parser can bear, as many
// times as chance says; a living sidecar is told to reload each.
func costlyPolicies(l *testlab.Lab) (string, error) {
	const begin = "agent \"a\" {\n  command = [\"sleep\", \"300\"]\n  dir = "
	if err := l.Start(policy(l, "", "")); err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	times := func(from, to int) int { return from + random.IntN(to-from) }
	texts := []hostileText{
		{name: "minus", begin: begin, text: "-", times: times(30_000, 900_000)},
		{name: "not", begin: begin, text: "!", times: times(30_000, 900_000)},
		{name: "splat", begin: begin + "b", text: "[*]", times: times(10_000, 300_000)},
		{name: "full splat", begin: begin + "b", text: ".*", times: times(10_000, 400_000)},
		{name: "index", begin: begin + `"b"`, text: "[0]", times: times(10_000, 300_000)},
		{name: "sum", begin: begin + "1", text: "+1", times: times(10_000, 500_000)},
		{name: "condition", begin: begin, text: "a?a:", times: times(10_000, 250_000)},
		{name: "items", begin: "agent \"a\" {\n  command = [", text: `"x",`, times: times(10_000, 250_000)},
		{name: "exponent", begin: begin + fmt.Sprintf("1e%d\n}\n", times(1_000, 1_000_000_000)), text: "\n", times: 1},
		{name: "blocks", begin: "", text: "agent \"a\" {\n  command = [\"true\"]\n}\n", times: times(6_000, 28_000)},
		{name: "lines", begin: "", text: "\n", times: times(100_000, 1_000_000)},
		{name: "wrong signs", begin: begin, text: "@", times: times(100_000, 900_000)},
	}
	slowest, most := time.Duration(0), int64(0)
	for _, h := range texts {
		if err := h.write(l.Path("policy.hcl")); err != nil {
			return "", err
		}
		for _, verb := range []string{"validate", "reload"} {
			begun := testlab.CPUTime(l.PID())
			took, memory, out, err := refusedPolicy(l, verb)
			if err != nil || !strings.Contains(out, "policy.hcl:") {
				return "", fmt.Errorf("%s, %d times, by %s: %w: %.300s", h.name, h.times, verb, err, out)
			}
			if verb == "reload" {
				took, memory = testlab.CPUTime(l.PID())-begun, int64(testlab.Peak(l.PID()))
			}
			if took > 2*time.Second || memory > 128<<10 {
				return "", fmt.Errorf("%s, %d times, by %s took %s and %d KiB", h.name, h.times, verb, took, memory)
			}
			slowest, most = max(slowest, took), max(most, memory)
		}
	}
	after, err := l.Agent()
	if err != nil || after.Process.PID != before.Process.PID || l.Count(heal.EventSidecarStarted) != 1 {
		return "", fmt.Errorf("the agent was touched: %+v, %w", after, err)
	}
	return fmt.Sprintf("%d policies refused with their place, %s and %d MiB at most", len(texts), slowest.Round(time.Millisecond), most>>10), nil
}
