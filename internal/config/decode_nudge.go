package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// nudgedOn are the situations of a living agent.
var nudgedOn = []string{"turn_stalled", "tool_loop", "limited", "context_full", "waiting_for_person", "turn_failed", "asleep"}

func (a *Agent) decodeNudge(b *hcl.Block) hcl.Diagnostics {
	f := Open(b.Body, []string{"on", "keys", "signal", "command", "url", "timeout"})
	n := Nudge{Name: b.Labels[0], Timeout: 10 * time.Second}
	f.Texts("on", &n.On)
	for _, on := range n.On {
		if !slices.Contains(nudgedOn, on) {
			f.Wrong("on", fmt.Sprintf("%q is not a situation of a living agent", on), Suggest(on, nudgedOn))
		}
	}
	f.Text("keys", &n.Keys)
	f.Choice("signal", stopSignals, &n.Signal)
	f.Texts("command", &n.Command)
	f.URL("url", &n.URL)
	f.Duration("timeout", 100*time.Millisecond, &n.Timeout)
	switch {
	case f.Diags.HasErrors():
	case len(n.On) == 0:
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("nudge %q has no situation", n.Name), `add on = ["turn_stalled"]; known are `+strings.Join(nudgedOn, ", ")))
	case f.given("keys", "signal", "command", "url") != 1:
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("nudge %q has no way, or several", n.Name), `write one of keys = "continue\r", signal, command or url`))
	case n.Keys != "" && !a.TTY:
		f.Wrong("keys", "keys need a terminal", "add tty = true to the agent, or use signal, command or url")
	}
	a.Nudges = append(a.Nudges, n)
	return f.Diags
}
