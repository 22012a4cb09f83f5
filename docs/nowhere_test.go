package docs_test

import (
	"context"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// nowhere is a sidecar with one agent that has everything.
type nowhere struct{}

func (nowhere) Status(context.Context) (heal.SidecarStatus, error) {
	return heal.SidecarStatus{Agents: []heal.AgentStatus{{Agent: "a", Incident: "inc-1", Type: heal.Unknown}}}, nil
}

func (nowhere) Usage(string) (sampling.Usage, bool) {
	v := 1.0
	return sampling.Usage{Memory: &v, CPU: &v, FDs: &v, Threads: &v}, true
}
