package heal

import "testing"

// TestOnlyOrdersAreTaken: tasks of the executor, and orders without what they are about, are none.
func TestOnlyOrdersAreTaken(t *testing.T) {
	full := Order{Agent: "a", Incident: "inc-1", Fingerprint: "v1:x", Strategy: Restart}
	for _, c := range Commands() {
		o := full
		o.Command = c
		if err := o.Check(); err != nil {
			t.Errorf("%s: %v", c, err)
		}
		o = Order{Command: c}
		if err := o.Check(); (err == nil) != (c.Subject() == SubjectAll) {
			t.Errorf("%s about nothing: %v", c, err)
		}
	}
	for _, task := range append(Tasks, "", "tell", "launch ", "START") {
		o := full
		if o.Command = Command(task); o.Check() == nil && !isCommand(o.Command) {
			t.Errorf("%q is taken for an order", task)
		}
	}
	for _, o := range []Order{
		{Command: CommandPin, Agent: "a", Fingerprint: "v1:x", Strategy: "dance"},
		{Command: CommandRestore, Agent: "a", Generation: -1},
	} {
		if o.Check() == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if !Command("whatever").Admin() || CommandStop.Admin() || !CommandRestore.Admin() {
		t.Error("the wrong orders are for administrators")
	}
}

func isCommand(c Command) bool {
	for _, known := range Commands() {
		if c == known {
			return true
		}
	}
	return false
}

func TestVerdictsNameTheirRuleOnce(t *testing.T) {
	table := []struct {
		rule, reason, want string
	}{
		{"budget", "budget spent: 5 attempts in 10m0s", "budget spent: 5 attempts in 10m0s"},
		{"hold", "the agent is on hold: ordered by a person", "hold: the agent is on hold: ordered by a person"},
		{"cooldown", "cooldown: 5s left", "cooldown: 5s left"},
	}
	for _, row := range table {
		if got := (Verdict{Rule: row.rule, Reason: row.reason}).String(); got != row.want {
			t.Errorf("%s: got %q, want %q", row.rule, got, row.want)
		}
	}
}
