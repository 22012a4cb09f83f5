package engine

import (
	"strings"

	"healer-sidecar/internal/heal"
)

// fleet lets the host be in a fleet, as in "fleet on", or gives an answer to what was asked last, as
// in "fleet granted in=2s incident=fleet-1 quiet passed=retry notice: text".
func (w *world) fleet(f []string, text string) string {
	if f[1] == "on" {
		w.core.host.Fleet = true
		return ""
	}
	q := w.asked
	a := heal.FleetAnswer{Agent: q.Agent, Incident: q.Incident, Number: q.Number, Strategy: q.Strategy, Why: text}
	for _, word := range f[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "granted":
			a.Granted = true
		case "refused":
		case "in":
			a.After = duration(w.t, value)
		case "incident":
			a.Fleet = value
		case "quiet":
			a.Quiet = true
		case "passed":
			a.Passed = strategies(value)
		case "notice":
			a.Notice = "one cause on many hosts"
		default:
			w.t.Fatalf("no such word of the fleet: %s", word)
		}
	}
	return w.step(FleetSaid{Answer: a})
}
