package sampling

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"time"

	"healer-sidecar/internal/host/procs"
)

// dutyPeriod is one cycle of letting a tree run and holding it.
const dutyPeriod = 100 * time.Millisecond

// Duty holds a tree to a share of CPU without any cgroup: it stops and continues
// the processes and corrects the running share by what they really used. It is a
// weaker guarantee than a cgroup quota and says so.
type Duty struct {
	tree   *procs.Tree
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex // guards measured
	measured float64
}

// StartDuty begins to hold the tree to target percent of one core. The tree must
// be the duty's own: it is read from another goroutine.
func StartDuty(tree *procs.Tree, target float64) *Duty {
	ctx, cancel := context.WithCancel(context.Background())
	d := &Duty{tree: tree, cancel: cancel, done: make(chan struct{})}
	go d.run(ctx, target)
	return d
}

// run is the cycle. share is the part of the period in which the tree may run.
func (d *Duty) run(ctx context.Context, target float64) {
	defer close(d.done)
	sampler := NewSampler()
	share, smooth := 0.5, target
	for ctx.Err() == nil {
		running := time.Duration(share * float64(dutyPeriod))
		pause(ctx, running)
		_, _ = d.tree.Signal(syscall.SIGSTOP)
		pause(ctx, dutyPeriod-running)
		_, _ = d.tree.Signal(syscall.SIGCONT)
		snap := sampler.Sample(map[string][]int{"": d.tree.PIDs()}, nil)
		used := snap.Usage[""].CPU
		if used == nil {
			continue
		}
		smooth = 0.7*smooth + 0.3**used
		share = nextShare(share, target, smooth)
		d.mu.Lock()
		d.measured = smooth
		d.mu.Unlock()
	}
	_, _ = d.tree.Signal(syscall.SIGCONT)
}

// nextShare moves the running share toward the target by the measured ratio, at
// most by a fifth a cycle, within 2 and 100 percent.
func nextShare(share, target, used float64) float64 {
	ratio := 1.2
	if used > 0 {
		ratio = min(max(target/used, 0.8), 1.2)
	}
	return min(max(share*ratio, 0.02), 1)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// InForce says what the duty cycle achieved lately.
func (d *Duty) InForce(target float64) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprintf("duty cycle by SIGSTOP and SIGCONT: cpu %.0f %% wanted, %.0f %% measured (weaker than a cgroup quota)", target, d.measured)
}

// Stop lets the tree run freely again and waits until it does.
func (d *Duty) Stop() {
	d.cancel()
	<-d.done
}
