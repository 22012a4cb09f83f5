package drill

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"healer-sidecar/internal/host/cgroup"
)

// LoadVerb is the hidden verb by which our own program plays a load.
const LoadVerb = "drill-load"

func burn(ctx context.Context, t Target) (func(), error) { return t.load(ctx, "cpu", "0") }

func leak(ctx context.Context, t Target) (func(), error) {
	return t.load(ctx, "leak", strconv.FormatUint(t.Most, 10))
}

// flood opens the agent's own output, and writes into it like the agent.
func flood(ctx context.Context, t Target) (func(), error) {
	return t.load(ctx, "flood", fmt.Sprintf("/proc/%d/fd/1", t.Leader.PID))
}

// load runs our own program among the processes of the agent.
func (t Target) load(ctx context.Context, what, amount string) (func(), error) {
	cmd := exec.CommandContext(ctx, t.Self, LoadVerb, what, amount)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// It waits for a word before it begins, so that all it takes is charged to the agent.
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start the load: %w", err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	undo := func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	if what != "flood" {
		if err := cgroup.Join(cmd.Process.Pid, t.Leader.PID); err != nil {
			undo()
			return nil, unfit("its processes have no cgroup of their own to join: " + err.Error())
		}
	}
	if _, err := in.Write([]byte("go\n")); err != nil {
		undo()
		return nil, fmt.Errorf("cannot start the load: %w", err)
	}
	return undo, nil
}

const (
	// leakStep is taken in each leakEvery, mostFlood is what a flood writes, loadFor how long
	// any load lives if nobody ends it.
	leakStep, leakEvery = 16 << 20, 100 * time.Millisecond
	mostFlood, loadFor  = 256 << 20, 5 * time.Minute
)

// Load is the load itself: it waits for a word and then does what it is there for.
func Load(what, amount string) error {
	var word [3]byte
	if _, err := os.Stdin.Read(word[:]); err != nil {
		return fmt.Errorf("cannot wait for the word: %w", err)
	}
	end := time.After(loadFor)
	switch what {
	case "cpu":
		for range runtime.NumCPU() {
			go func() {
				for n := 0; ; n++ {
					spun.Store(int64(n))
				}
			}()
		}
	case "leak":
		most, err := strconv.ParseUint(amount, 10, 64)
		if err != nil {
			return fmt.Errorf("cannot leak %q bytes: %w", amount, err)
		}
		take(most)
	case "flood":
		return pour(amount)
	}
	<-end
	return nil
}

// spun is what burns the processor.
var spun atomic.Int64

// taken is held forever.
var taken [][]byte

func take(most uint64) {
	for held := uint64(0); held < most; held += leakStep {
		block := make([]byte, leakStep)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		taken = append(taken, block)
		time.Sleep(leakEvery)
	}
}

func pour(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("cannot write into the agent's output: %w", err)
	}
	defer f.Close()
	line := []byte("a line of a drill that says nothing and is written again and again\n")
	block := make([]byte, 0, 64<<10)
	for len(block)+len(line) < cap(block) {
		block = append(block, line...)
	}
	for written := 0; written < mostFlood; written += len(block) {
		if _, err := f.Write(block); err != nil {
			return fmt.Errorf("cannot write into the agent's output: %w", err)
		}
	}
	return nil
}
