package gate

import "healer-sidecar/internal/heal"

// textOnly: bytes in a log may imitate any failure, so on their own they never
// stop, freeze or change a running agent (law 3).
func textOnly(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.TextOnly && f.Running && f.Strategy != heal.Escalate {
		return deny("only a line of output speaks against the running agent; a rule block in the policy would allow this")
	}
	return allow()
}
