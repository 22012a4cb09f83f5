package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// ways lead an agent into each phase.
var ways = []struct {
	phase  phase
	script string
}{
	{"", "agent a|launch|started a|finished a"},
	{gathering, `agent a|launch|started a|finished a|line a execution_failure operator "boom"`},
	{watching, `agent a|launch|started a|finished a|line a communication_error unresolved "ERROR connection refused"|finished a`},
	{delayed, `agent a backoff=1m|launch|started a|finished a|exited a code=1 "panic: boom"|finished a|started a|exited a code=1 "panic: boom"`},
	{asking, `agent a approve=retry,restart ladder=execution_failure:retry|launch|started a|finished a|exited a code=1 "panic: boom"`},
	{acting, `agent a|launch|started a|finished a|exited a code=1 "panic: boom"`},
	{undoing, "agent a ladder=resource_exhaustion:reconfigure|launch|started a|finished a|reading a memory raised|finished a|wait 31s"},
	{verifying, `agent a|launch|started a|finished a|exited a code=1 "panic: boom"|started a|finished a`},
	{slow, `agent a risk=0.1|launch|started a|finished a|exited a code=1 "panic: boom"|finished a`},
	{held, `agent a|launch|started a|finished a|exited a code=1 "ConfigError: unknown key in config.json"|finished a`},
	{gaveUp, `agent a risk=0.1 limit=stop|launch|started a|finished a|exited a code=1 "panic: boom"|finished a`},
	{blocked, `agent a|launch|started a|finished a|order pause|exited a code=1 "panic: boom"`},
	{ordered, `agent a risk=0.1|launch|started a|finished a|exited a code=1 "panic: boom"|finished a|order restart a`},
}

// TestEveryOrderInEveryPhase walks all orders about an agent through all phases, with success and
// with failure: an order takes over an incident only when it has succeeded, and an agent that is
// wanted up and is down always has an incident with a next step.
func TestEveryOrderInEveryPhase(t *testing.T) {
	seen := map[phase]bool{}
	for _, way := range ways {
		seen[way.phase] = true
		for _, cmd := range heal.Commands() {
			if cmd.Subject() != heal.SubjectAgent {
				continue
			}
			for _, fault := range []string{"", "it could not be done"} {
				t.Run(fmt.Sprintf("%s/%s/%s", way.phase, cmd, map[bool]string{true: "done", false: "failed"}[fault == ""]), func(t *testing.T) {
					w := newWorld(t)
					for line := range strings.SplitSeq(way.script, "|") {
						w.command(line)
					}
					walk{world: w, cmd: cmd, fault: fault}.check(t, way.phase)
				})
			}
		}
	}
	for _, p := range phases {
		if !seen[p] {
			t.Errorf("no way leads into %q", p)
		}
	}
}

// walk is one order that meets one phase.
type walk struct {
	*world
	cmd   heal.Command
	fault string
}

const orderID = "order-of-a-person"

func (w walk) check(t *testing.T, in phase) {
	t.Helper()
	a := w.core.agents["a"]
	if phaseOf(a) != in {
		t.Fatalf("the way leads into %q", phaseOf(a))
	}
	before := incidentID(a)
	w.step(Ordered{ID: orderID, Order: heal.Order{Command: w.cmd, Agent: "a"}})
	answered := w.carryOut(a)
	immediate := []heal.Command{heal.CommandHold, heal.CommandDrill, heal.CommandSend}
	if !answered && !slices.Contains(immediate, w.cmd) {
		t.Error("whoever gave the order waits without end")
	}
	w.next(t, a)
	leaves := []heal.Command{heal.CommandSnapshot, heal.CommandRelease, heal.CommandDrill, heal.CommandSend}
	takes := []heal.Command{heal.CommandStop, heal.CommandHold}
	took := w.fault == "" && !slices.Contains(leaves, w.cmd) || slices.Contains(takes, w.cmd)
	if before != "" && took == (incidentID(a) == before) {
		t.Errorf("incident open: %v, want %v", incidentID(a) == before, !took)
	}
	if hold := w.core.ledger.Agent("a").Hold; w.fault != "" && w.cmd == heal.CommandIsolate && (hold != "") != (in == held) {
		t.Errorf("after an isolation that failed the hold is %q", hold)
	}
}

// carryOut does what was handed out until the order was answered, and reports whether it was.
func (w walk) carryOut(a *agent) bool {
	for range 10 {
		i := slices.IndexFunc(w.acts, func(t heal.Attempt) bool { return takesHands(t) || t.ID == orderID })
		if i < 0 {
			return false
		}
		act := w.acts[i]
		w.acts = slices.Delete(w.acts, i, i+1)
		r := heal.Result{Attempt: act.ID, Error: "called off"}
		if act.ID == orderID {
			r.Error = w.fault
		}
		if r.Error == "" {
			w.obey(a, act)
		}
		w.step(AttemptFinished{Result: r})
		if act.ID == orderID {
			return true
		}
	}
	return false
}

// obey is what the executor does to the process.
func (w walk) obey(a *agent, act heal.Attempt) {
	does := deedOf(act)
	if a.running && (does == stops || does == restarts) {
		w.command("exited a signal=SIGTERM ordered")
	}
	if !a.running && (does == starts || does == restarts) {
		w.command("started a")
	}
}

// next demands a next step for an agent that should run and does not.
func (w walk) next(t *testing.T, a *agent) {
	t.Helper()
	record := w.core.ledger.Agent("a")
	if a.running || record.Down || record.Hold != "" {
		return
	}
	timer, set := w.timers[Timer{Agent: "a"}]
	switch {
	case a.inc == nil:
		t.Error("it is down, wanted up, and nobody knows")
	case a.flight != "" || set && timer.Gen == a.gen:
	case slices.Contains([]phase{held, gaveUp, asking, blocked}, a.inc.phase): // as a person or the policy wants it
	case len(w.acts) == 0:
		t.Errorf("it is down, %s, and nothing comes next", a.inc.phase)
	}
}

// TestAFailedStartOfAHealthyAgentIsAnIncident: the children of a run cannot be ended, say, and no
// detector tells of that.
func TestAFailedOrderLeavesAnIncident(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a", "launch", "started a", "finished a", "order restart a", "exited a signal=SIGTERM ordered"} {
		w.command(line)
	}
	out := w.command(`finished a "unkillable: a process survived"`)
	if !strings.Contains(out, "order_failed a: restart: unkillable") || !strings.Contains(out, "incident_opened a") {
		t.Errorf("the core did\n%s", out)
	}
}

// TestTheReportMayComeBeforeTheEnd: what became of the process is told by another way than the
// report, which may be faster.
func TestTheReportMayComeBeforeTheEnd(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{
		"agent a", "launch", "started a", "finished a", "order restart a", `finished a "unkillable: a process survived"`, "exited a signal=SIGTERM ordered", "swept", "wait 4s",
	} {
		w.command(line)
	}
	if out := w.command("swept"); out != "" {
		t.Errorf("too early:\n%s", out)
	}
	w.command("wait 2s")
	if out := w.command("swept"); !strings.Contains(out, "incident_opened a") {
		t.Errorf("it stays down:\n%s", out)
	}
}

// TestOneAttemptAtATime: an order waits until what it calls off has let go of the agent, and
// nothing is learned from that.
func TestOneAttemptAtATime(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a ladder=performance_degradation:restart", "launch", "started a", "finished a"} {
		w.command(line)
	}
	if out := w.command(`finding a probe performance_degradation "no answer"`); !strings.Contains(out, "ACT a restart") {
		t.Fatalf("the core did\n%s", out)
	}
	if out := w.command("order restart a"); strings.Contains(out, "ACT") || !strings.Contains(out, "CANCEL") {
		t.Errorf("while the stop lasts the core did\n%s", out)
	}
	out := w.command(`finished a "called off"`)
	if !strings.Contains(out, "ACT a restart") || strings.Contains(out, "lesson") {
		t.Errorf("when the stop was over the core did\n%s", out)
	}
}

// TestOrdersThatWaitAreAnswered: too many of them, and those of an agent that is taken out.
func TestOrdersThatWaitAreAnswered(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a", "launch", "started a", "finished a", "order restart a"} {
		w.command(line)
	}
	for range maxQueue {
		w.command("order restart a")
	}
	if out := w.command("order restart a"); !strings.Contains(out, "REFUSE too many orders") {
		t.Errorf("the core did\n%s", out)
	}
	w.command("remove a")
	if out := w.command("replace"); strings.Count(out, "REFUSE") != maxQueue {
		t.Errorf("the core did\n%s", out)
	}
}

// TestAReleaseOfWhatWasNotJudged: a line of output opens an incident that nobody has judged yet; a
// person releases the agent, and another line comes while that is verified.
func TestAReleaseOfWhatWasNotJudged(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{
		"agent a verify=10s", "launch", "started a", "finished a", `line a execution_failure operator "boom"`, "order release a", "finished a", `line a execution_failure "boom"`,
	} {
		w.command(line)
	}
	if out := w.command("wait 11s"); !strings.Contains(out, "incident_closed a") {
		t.Errorf("the core did\n%s", out)
	}
}

// TestALaterStopWins: a state that is put back starts the agent, unless a person has ordered a stop
// meanwhile.
func TestALaterStopWins(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a", "launch", "started a", "order restore a", "order stop a", `finished a "called off"`, "finished a", "finished a"} {
		w.command(line)
	}
	if !w.core.ledger.Agent("a").Down {
		t.Error("the agent is wanted up")
	}
}
