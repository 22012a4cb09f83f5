package fleet

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// group starts so many hosts and waits until each knows of all.
func group(t *testing.T, h *hubProcess, n int) []*member {
	t.Helper()
	var all []*member
	for i := range n {
		all = append(all, run(t, h.join("web", fmt.Sprintf("h%02d", i)), newMemory(), t.TempDir()))
	}
	eventually(t, 90*time.Second, "all hosts are connected and counted", func() bool {
		for _, m := range all {
			m.mu.Lock()
			m.Client.mu.Lock()
			ready := !m.seated.IsZero() && m.hosts == n
			if m.hosts != n {
				m.counted = time.Time{}
			}
			m.Client.mu.Unlock()
			m.mu.Unlock()
			if !ready {
				return false
			}
		}
		return true
	})
	return all
}

// together asks for all hosts at the same moment.
func together(t *testing.T, hosts []*member, q heal.FleetAsk) []heal.FleetAnswer {
	t.Helper()
	answers := make([]heal.FleetAnswer, len(hosts))
	var wait sync.WaitGroup
	for i, m := range hosts {
		wait.Go(func() { answers[i] = m.ask(t, q) })
	}
	wait.Wait()
	return answers
}

// TestOneCauseOneCanaryOnePage: all hosts fail at once; one tries, one tells, the others wait, and
// follow at the agreed rate once it is proven. A kill of the hub between changes nothing.
func TestOneCauseOneCanaryOnePage(t *testing.T) {
	const hosts = 16
	h := startHub(t)
	all := group(t, h, hosts)
	q := heal.FleetAsk{Agent: "a", Incident: "inc-1", Cause: "fp-1", Type: heal.ExecutionFailure, Text: "boom", Strategy: heal.Retry}
	together(t, all, heal.FleetAsk{Agent: "a", Incident: "inc-1", Cause: "fp-1", Type: heal.ExecutionFailure, Text: "boom"})
	canaries, pages := map[string]bool{}, 0
	for round := range 3 {
		for i, a := range together(t, all, q) {
			if a.Fleet == "" || !a.Quiet {
				t.Errorf("round %d: host %d knows of no fleet incident: %+v", round, i, a)
			}
			if a.Granted {
				canaries[all[i].options.Config.Host] = true
			}
			if a.Notice != "" {
				pages++
			}
		}
	}
	if len(canaries) != 1 || pages > 1 {
		t.Fatalf("%d hosts try first (%v), %d tell people", len(canaries), canaries, pages)
	}
	canary := all[slices.IndexFunc(all, func(m *member) bool { return canaries[m.options.Config.Host] })]
	h.kill()
	h.start()
	eventually(t, 30*time.Second, "the hosts are connected again", func() bool {
		return !slices.ContainsFunc(all, func(m *member) bool { return !m.taking() })
	})
	canary.Saw(heal.Event{Kind: heal.EventAttempt, Incident: "inc-1", Attempt: &heal.Attempt{Strategy: heal.Retry}})
	canary.Saw(heal.Event{Kind: heal.EventOutcome, Incident: "inc-1", Outcome: heal.Recovered, Attempt: &heal.Attempt{Strategy: heal.Retry}})
	eventually(t, 10*time.Second, "it is proven", func() bool {
		i, _, err := canary.read(t.Context(), "fp-1")
		return err == nil && i.State == Proven
	})
	now := time.Now()
	perSecond := map[int64]int{}
	for i, a := range together(t, all, q) {
		if !a.Granted || a.After <= 0 {
			t.Errorf("host %d is not let go on: %+v", i, a)
		}
		perSecond[now.Add(a.After).Unix()]++
	}
	for second, n := range perSecond {
		if n > 7 { // the answers come within a second of one another
			t.Errorf("%d starts in second %d: %v", n, second, perSecond)
		}
	}
}

// TestSlotsBoundDisruptions: as many hosts as may take a running agent away at once, and not one
// more; who is done makes room.
func TestSlotsBoundDisruptions(t *testing.T) {
	h := startHub(t)
	all := group(t, h, 20) // 10 % are two
	var granted []*member
	q := func(i int) heal.FleetAsk {
		return heal.FleetAsk{Agent: "a", Incident: "inc-1", Cause: fmt.Sprintf("fp-%d", i), Type: heal.PerformanceDegradation, Strategy: heal.Restart, Running: true}
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i, m := range all {
		wait.Go(func() {
			if a := m.ask(t, q(i)); a.Granted {
				mu.Lock()
				granted = append(granted, m)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if len(granted) != 2 {
		t.Fatalf("%d hosts disrupt at once, want 2", len(granted))
	}
	granted[0].Saw(heal.Event{Kind: heal.EventClosed, Incident: "inc-1", Outcome: heal.Recovered})
	other := all[slices.IndexFunc(all, func(m *member) bool { return !slices.Contains(granted, m) })]
	eventually(t, 20*time.Second, "there is room again", func() bool { return other.ask(t, q(99)).Granted })
}

// TestHubAway: without an answer the host decides alone, within the bound; what is probably common
// is spread out.
func TestHubAway(t *testing.T) {
	h := startHub(t)
	m := group(t, h, 1)[0]
	h.kill()
	for _, kind := range []heal.ErrorType{heal.ExecutionFailure, heal.DependencyFailure} {
		begun := time.Now()
		a := m.ask(t, heal.FleetAsk{Agent: "a", Incident: "inc-" + string(kind), Cause: "fp", Type: kind, Strategy: heal.Retry})
		if took := time.Since(begun); !a.Granted || took > 2*askWithin || (a.After > 0) != (kind == heal.DependencyFailure) {
			t.Errorf("%s: after %s: %+v", kind, took, a)
		}
	}
}

// TestUnwellHostsAreCounted: above stop_above only one host acts, whatever each of them fails for.
func TestUnwellHostsAreCounted(t *testing.T) {
	h := startHub(t)
	all := group(t, h, 5)
	for _, m := range all[:3] { // 60 %
		m.unwell.Store(true)
	}
	last := all[4]
	eventually(t, 30*time.Second, "three hosts are counted as unwell", func() bool {
		return last.count(t.Context(), 0) == nil && last.Status().Unwell == 3
	})
	granted := 0
	for i, m := range all {
		m.Client.mu.Lock()
		m.counted = time.Time{}
		m.Client.mu.Unlock()
		a := m.ask(t, heal.FleetAsk{Agent: "a", Incident: "inc-1", Cause: fmt.Sprintf("own-%d", i), Type: heal.ExecutionFailure, Strategy: heal.Retry})
		if a.Granted {
			granted++
		}
	}
	if granted != 1 {
		t.Errorf("%d hosts act, want 1", granted)
	}
	for _, m := range all[:3] {
		m.unwell.Store(false)
	}
	eventually(t, 30*time.Second, "they are well again", func() bool {
		return last.count(t.Context(), 0) == nil && last.Status().Unwell == 0
	})
}
