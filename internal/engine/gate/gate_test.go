package gate

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

var now = heal.Stamp{Mono: time.Hour, Wall: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}

// ago is a moment before now.
func ago(d time.Duration) heal.Stamp { return now.Add(-d) }

// fine are facts that no rule has anything against.
func fine() Facts {
	return Facts{Now: now, Policy: heal.DefaultPolicy("a"), Strategy: heal.Restart, Risk: 0.5}
}

// deciding is the verdict that decides about facts.
func deciding(f Facts) heal.Verdict {
	v, _ := Decide(Evaluate(f))
	return v
}

// TestADenialOutweighsAWait: what has to wait its turn is not chosen when it may not be done
// at all, and of several turns the latest counts.
func TestADenialOutweighsAWait(t *testing.T) {
	f := fine()
	f.Policy.Cooldown, f.Last, f.HostTurn = time.Minute, ago(0), now.Add(2*time.Minute)
	if v, may := Decide(Evaluate(f)); !may || v.Until != f.HostTurn {
		t.Errorf("%+v, may be done: %v", v, may)
	}
	f.Risk = 1
	if v, may := Decide(Evaluate(f)); may || v.Rule != "risk_limit" {
		t.Errorf("%+v, may be done: %v", v, may)
	}
}

// TestRules shows for every rule that it denies, and that it allows.
func TestRules(t *testing.T) {
	table := map[string]struct {
		spoil    func(*Facts)
		decision heal.Decision
	}{
		"fleet":      {func(f *Facts) { f.Fleet, f.FleetTurn, f.FleetWhy = "fi-1", now.Add(1), "another host tries it first" }, heal.Wait},
		"paused":     {func(f *Facts) { f.Paused = true }, heal.Deny},
		"shadow":     {func(f *Facts) { f.Policy.Shadow = true }, heal.Deny},
		"hold":       {func(f *Facts) { f.Hold = "isolated" }, heal.Deny},
		"dependency": {func(f *Facts) { f.Unready = "it depends on db, which is not ready" }, heal.Deny},
		"in_flight":  {func(f *Facts) { f.InFlight = "inc-1.1" }, heal.Deny},
		"maintenance": {func(f *Facts) {
			f.Policy.Maintenance = []heal.Window{{Day: heal.EveryDay, From: 11 * time.Hour, To: 13 * time.Hour}}
		}, heal.Wait},
		"confidence":   {func(f *Facts) { f.Policy.LeastConfidence, f.Confidence = 0.5, 0.4 }, heal.Deny},
		"safety":       {func(f *Facts) { f.Type = heal.SafetyViolation }, heal.Deny},
		"repeatable":   {func(f *Facts) { f.Policy.Unrepeatable, f.Strategy = true, heal.Retry }, heal.Deny},
		"blast_radius": {func(f *Facts) { f.Critical, f.Dependents = true, 4 }, heal.Deny},
		"text_only":    {func(f *Facts) { f.TextOnly, f.Running = true, true }, heal.Deny},
		"journal":      {func(f *Facts) { f.JournalDown, f.Strategy = "no space", heal.Rollback }, heal.Deny},
		"risk_limit":   {func(f *Facts) { f.Risk = 0.81 }, heal.Deny},
		"cooldown":     {func(f *Facts) { f.Policy.Cooldown, f.Last = time.Minute, ago(time.Second) }, heal.Wait},
		"quiet_hours": {func(f *Facts) {
			f.Running, f.Policy.QuietHours = true, []heal.Window{{Day: heal.EveryDay, From: 11 * time.Hour, To: 13 * time.Hour}}
		}, heal.Wait},
		"forbidden":   {func(f *Facts) { f.Policy.Forbid = []heal.Strategy{heal.Restart} }, heal.Deny},
		"protected":   {func(f *Facts) { f.Policy.Protected, f.Running = true, true }, heal.Deny},
		"cascade":     {func(f *Facts) { f.Root, f.RootSure = "db", 0.9 }, heal.Wait},
		"starved":     {func(f *Facts) { f.Lag, f.LagUntil, f.Running, f.ByClock = 2*time.Second, now.Add(1), true, true }, heal.Wait},
		"storm":       {func(f *Facts) { f.Storm, f.Number, f.StormTurn = "3 of 3 agents failed", 1, now.Add(1) }, heal.Wait},
		"repairs":     {func(f *Facts) { f.Running, f.Away, f.Ahead, f.Parallel, f.RepairTurn = true, 2, 1, 3, now.Add(1) }, heal.Wait},
		"prevention":  {func(f *Facts) { f.Preventive = true }, heal.Deny},
		"host_budget": {func(f *Facts) { f.HostTurn = now.Add(1) }, heal.Wait},
		"approval":    {func(f *Facts) { f.Policy.Approve = []heal.Strategy{heal.Restart} }, heal.Wait},
		"budget":      {func(f *Facts) { f.Attempts = []heal.Stamp{ago(5), ago(4), ago(3), ago(2), ago(1)} }, heal.Wait},
	}
	if v := deciding(fine()); v.Decision != heal.Allow {
		t.Fatalf("%s has something against a fine plan: %s", v.Rule, v.Reason)
	}
	for _, r := range Rules {
		row, ok := table[r.Name]
		if !ok {
			t.Errorf("rule %s has no row here", r.Name)
			continue
		}
		f := fine()
		row.spoil(&f)
		if v := deciding(f); v.Rule != r.Name || v.Decision != row.decision || v.Reason == "" {
			t.Errorf("%s: decided by %+v, want %s", r.Name, v, row.decision)
		}
	}
}

func TestFirstDenialDecides(t *testing.T) {
	f := fine()
	f.Risk, f.Paused, f.Hold = 1, true, "isolated"
	if v := deciding(f); v.Rule != "paused" {
		t.Errorf("decided by %s", v.Rule)
	}
}

func TestWaitsSayUntilWhen(t *testing.T) {
	f := fine()
	f.Policy.Budget = heal.Budget{Attempts: 2, Window: time.Minute}
	f.Attempts = []heal.Stamp{ago(50 * time.Second), ago(10 * time.Second)}
	v := deciding(f)
	if v.Rule != "budget" || v.Until.Sub(now) != 10*time.Second {
		t.Errorf("%s until %s: want the budget, in 10s", v.Rule, v.Until.Sub(now))
	}
	if !strings.Contains(v.Reason, "2 attempts in 1m0s") {
		t.Errorf("the reason is %q", v.Reason)
	}
}

func TestMildStrategiesAreNotHeldBackByLimits(t *testing.T) {
	for _, s := range []heal.Strategy{heal.Escalate, heal.Isolate} {
		f := fine()
		f.Strategy, f.Risk, f.Policy.Cooldown, f.Last = s, 1, time.Hour, ago(1)
		f.Attempts = make([]heal.Stamp, 100)
		if v := deciding(f); v.Decision != heal.Allow {
			t.Errorf("%s: %s says %s", s, v.Rule, v.Reason)
		}
	}
}

// TestApprovalFallsToTheSafeSide: without an answer in time, and after a refusal, nothing
// is done.
func TestApprovalFallsToTheSafeSide(t *testing.T) {
	for name, c := range map[string]struct {
		answer heal.Answer
		want   heal.Decision
	}{
		"asked": {heal.Answer{Until: now.Add(1)}, heal.Wait}, "given": {heal.Answer{Given: true}, heal.Allow},
		"refused": {heal.Answer{Until: now.Add(1), Refused: true}, heal.Deny}, "late": {heal.Answer{Until: ago(1)}, heal.Deny},
	} {
		f := fine()
		f.Policy.Approve, f.Answers = []heal.Strategy{heal.Restart}, map[heal.Strategy]heal.Answer{heal.Restart: c.answer}
		if v := deciding(f); v.Decision != c.want {
			t.Errorf("%s: %s", name, v.Decision)
		}
	}
}

// TestPreventionIsStricter: consent, no critical work, a point at which it costs little,
// and seldom.
func TestPreventionIsStricter(t *testing.T) {
	night := heal.Window{Day: heal.EveryDay, From: 11 * time.Hour, To: 13 * time.Hour}
	for name, c := range map[string]struct {
		spoil func(*Facts)
		want  heal.Decision
	}{
		"safe point": {func(f *Facts) { f.SafePoint = true }, heal.Allow},
		"waits":      {func(*Facts) {}, heal.Wait},
		"deadline":   {func(f *Facts) { f.SafeUntil = now }, heal.Allow},
		"night":      {func(f *Facts) { f.Policy.Prevent.At = []heal.Window{night} }, heal.Allow},
		"critical":   {func(f *Facts) { f.SafePoint, f.Critical = true, true }, heal.Deny},
		"too often":  {func(f *Facts) { f.SafePoint, f.Prevented = true, ago(30*time.Minute) }, heal.Deny},
	} {
		f := fine()
		f.Preventive, f.SafeUntil, f.Policy.Prevent.Strategies = true, now.Add(time.Minute), []heal.Strategy{heal.Restart}
		c.spoil(&f)
		if v := deciding(f); v.Decision != c.want {
			t.Errorf("%s: %s by %s", name, v.Decision, v.Rule)
		}
	}
}
