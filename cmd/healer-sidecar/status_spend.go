package main

import (
	"fmt"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// telemetryLine says how the taking of telemetry does.
func telemetryLine(t *heal.TelemetryStatus) string {
	if t.Address == "" {
		return "TELEMETRY: not taken: " + t.Failure
	}
	line := fmt.Sprintf("telemetry: taken at %s: %d batches, %d refused, %d of no known run", t.Address, t.Batches, t.Refused, t.Unattributed)
	if f := t.Forward; f != nil {
		line += fmt.Sprintf("; forwarded: %d, waiting: %d (%d KiB), dropped: %d", f.Sent, f.Waiting, f.Bytes>>10, f.Dropped)
		if f.Failure != "" {
			line += "; " + f.Failure
		}
	}
	if t.Failure != "" {
		line += "; " + t.Failure
	}
	return line
}

// spendNotes are what people should know of what an agent spends.
func spendNotes(a heal.AgentStatus) []string {
	var notes []string
	if strings.HasPrefix(a.Telemetry, "not taken") {
		notes = append(notes, "telemetry "+a.Telemetry)
	}
	s := a.Spend
	if s == nil {
		return notes
	}
	if len(s.Limits) == 0 && s.Run.Total() > 0 {
		notes = append(notes, fmt.Sprintf("spent: %s, %s tokens in this run", heal.Dollars(s.Cost), heal.Count(s.Run.Total())))
	}
	for _, l := range s.Limits {
		note := fmt.Sprintf("spend: %s %s", l.Used.Of(l.Limit), l.Window)
		if l.State != "ok" {
			note += " (" + l.State + ")"
		}
		if !l.FreeAt.IsZero() {
			note += ", free in " + present.Age(max(time.Until(l.FreeAt), 0))
		}
		notes = append(notes, note)
	}
	if len(s.Unpriced) > 0 {
		notes = append(notes, "no price for "+strings.Join(s.Unpriced, ", ")+": its cost is not counted")
	}
	return notes
}
