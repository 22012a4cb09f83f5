package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/heal"
)

// TestPaceIsKept: whoever draws when, no window has more starts than places, no two are at the
// same moment, none lies in the past, and none much later than the queue is long.
func TestPaceIsKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		wrong, now := "", time.Unix(1_000_000, 0)
		p := paceOf(rapid.SampledFrom([]float64{0.1, 0.5, 1, 2.5, 5, 20}).Draw(rt, "rate"))
		if rapid.Bool().Draw(rt, "waves") {
			p = p.since(now)
		}
		book, starts, per := tally{}, map[time.Time]int{}, map[int64]int{}
		hosts := rapid.IntRange(1, 80).Draw(rt, "hosts")
		for n := range hosts {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "gap")) * time.Millisecond)
			at, ok, err := p.draw(now, book)
			if err != nil || !at.After(now) {
				wrong = fmt.Sprintf("host %d starts at %s, now is %s: %v", n, at, now, err)
			}
			if longest := time.Duration(hosts+20) * 3 * p.window / time.Duration(p.places); at.Sub(now) > max(longest, 20*p.window) {
				wrong = fmt.Sprintf("host %d of %d waits %s", n, hosts, at.Sub(now))
			}
			if !ok && time.Duration(hosts)*p.window/time.Duration(p.places) < mostTurn/2 {
				wrong = fmt.Sprintf("host %d of %d finds no place", n, hosts)
			}
			if !ok {
				continue
			}
			starts[at]++
			per[p.at(at)]++
		}
		for at, n := range starts {
			if n > 1 {
				wrong = fmt.Sprintf("%d starts at %s", n, at)
			}
		}
		for w, n := range per {
			if n > p.room(w) {
				wrong = fmt.Sprintf("%d starts in a window of %d places", n, p.room(w))
			}
		}
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// tally counts in memory, broken not at all.
type (
	tally  map[int64]int
	broken struct{}
)

func (t tally) take(w int64) (int, error) { t[w]++; return t[w], nil }
func (t tally) peek(w int64) (int, error) { return t[w], nil }
func (broken) take(int64) (int, error)    { return 0, errNone }
func (broken) peek(int64) (int, error)    { return 0, errNone }

func TestPaceBeginsInWaves(t *testing.T) {
	p := paceOf(5).since(time.Unix(100, 0))
	var rooms []int
	for w := range int64(5) {
		rooms = append(rooms, p.room(100+w))
	}
	if !slices.Equal(rooms, []int{1, 2, 4, 5, 5}) {
		t.Errorf("waves are %v", rooms)
	}
	if _, _, err := p.draw(time.Unix(100, 0), broken{}); !errors.Is(err, errNone) {
		t.Errorf("a counter that fails: %v", err)
	}
}

func TestAloneIsNeverZeroAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hosts, rate := rapid.IntRange(1, 100000).Draw(t, "hosts"), rapid.Float64Range(0.01, 1000).Draw(t, "rate")
		if d := alone(hosts, rate, rapid.Float64Range(0, 0.9999).Draw(t, "chance")); d < leastAlone || d > proofWithin {
			t.Fatalf("%s", d)
		}
	})
}

func TestCommon(t *testing.T) {
	for _, c := range []struct {
		failing, hosts int
		want           bool
	}{{2, 3, false}, {3, 3, true}, {3, 50, true}, {3, 60, true}, {3, 61, false}, {25, 500, true}, {24, 500, false}} {
		if Common(c.failing, c.hosts) != c.want {
			t.Errorf("%d of %d: want %v", c.failing, c.hosts, c.want)
		}
	}
}

// TestNext is the table of what a host does in a fleet incident.
func TestNext(t *testing.T) {
	now := time.Unix(1000, 0)
	base := Incident{State: Proving, Canary: "b", Lease: now.Add(time.Second), Since: now, Strategy: heal.Retry, Type: heal.ExecutionFailure}
	for name, c := range map[string]struct {
		with func(*Incident)
		want step
	}{
		"another tries":    {func(*Incident) {}, stepWait},
		"this one tries":   {func(i *Incident) { i.Canary = "a" }, stepTry},
		"the other died":   {func(i *Incident) { i.Lease = now }, stepTakeOver},
		"nothing proven":   {func(i *Incident) { i.Since = now.Add(-proofWithin) }, stepFollow},
		"proven":           {func(i *Incident) { i.State = Proven }, stepFollow},
		"tried in vain":    {func(i *Incident) { i.Passed = []heal.Strategy{heal.Restart} }, stepPass},
		"also when proven": {func(i *Incident) { i.State, i.Passed = Proven, []heal.Strategy{heal.Restart} }, stepPass},
	} {
		i := base
		c.with(&i)
		if got, why := i.next("a", heal.Restart, now); got != c.want || why == "" {
			t.Errorf("%s: %s (%s), want %s", name, got, why, c.want)
		}
	}
}

// TestJudged is the table of what an outcome changes.
func TestJudged(t *testing.T) {
	now := time.Unix(1000, 0)
	base := Incident{State: Proving, Canary: "a", Type: heal.ExecutionFailure}
	proven := Incident{State: Proven, Canary: "b", Proven: now.Add(-time.Minute)}
	for name, c := range map[string]struct {
		i       Incident
		host    string
		s       heal.Strategy
		o       heal.Outcome
		changes bool
		state   State
		passed  int
	}{
		"it helped":           {base, "a", heal.Restart, heal.Recovered, true, Proven, 0},
		"it did not":          {base, "a", heal.Restart, heal.Failed, true, Proving, 1},
		"time has not come":   {Incident{State: Proving, Canary: "a", Type: heal.DependencyFailure}, "a", heal.Retry, heal.Failed, true, Proving, 0},
		"somebody else's":     {base, "b", heal.Restart, heal.Recovered, false, Proving, 0},
		"people were told":    {base, "a", heal.Escalate, heal.Failed, false, Proving, 0},
		"nobody knows":        {base, "a", heal.Restart, heal.OutcomeUnknown, false, Proving, 0},
		"a wave broke":        {proven, "c", heal.Retry, heal.Relapsed, true, Proving, 0},
		"it was begun before": {Incident{State: Proven, Proven: now.Add(time.Minute)}, "c", heal.Retry, heal.Failed, false, Proven, 0},
	} {
		got, changes := c.i.judged(c.host, c.s, c.o, now, now)
		if changes != c.changes || got.State != c.state || len(got.Passed) != c.passed {
			t.Errorf("%s: %+v, changes %v", name, got, changes)
		}
	}
}

// TestExplainNamesTheRemedy: whatever the server says, people read one sentence that helps.
func TestExplainNamesTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		err       error
		denied    string
		connected bool
		want      string
	}{
		"key":        {nil, "nats: Authorization Violation", false, "healer-hub join HOST --replace"},
		"expired":    {nil, "tls: failed to verify certificate: x509: certificate has expired or is not yet valid", false, "renew it"},
		"authority":  {nil, "tls: failed to verify certificate: x509: certificate signed by unknown authority", false, "check ca, cert and key"},
		"forbidden":  {context.DeadlineExceeded, `nats: permissions violation: Permissions Violation for Publish to "hs.event.db.a"`, true, "is the key for this group and host?"},
		"away":       {nil, "", false, "is healer-hub running"},
		"refused":    {nil, "dial tcp 127.0.0.1:1: connect: connection refused", false, "cannot be reached"},
		"slow":       {context.DeadlineExceeded, "", true, "does not answer in time"},
		"own reason": {errors.New("a stream of the hub is full: give it more room"), "", true, "give it more room"},
	} {
		if got := explain(c.err, c.denied, c.connected); !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := explain(nil, "", true); got != "" {
		t.Errorf("without a fault: %q", got)
	}
}
