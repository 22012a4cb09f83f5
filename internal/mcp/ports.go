package mcp

import (
	"context"

	"healer-sidecar/internal/heal"
)

// Reader answers questions about a running sidecar. Implementations are safe for concurrent use.
type Reader interface {
	Status(ctx context.Context) (heal.SidecarStatus, error)
	Stats(ctx context.Context) (heal.Stats, error)
	Patterns(ctx context.Context, agent string) ([]heal.PatternStats, error)
	// Events calls each for every record after a sequence number, until it returns false.
	Events(ctx context.Context, after uint64, follow bool, each func(heal.Event) bool) error
	// Logs calls each for lines of output, oldest first, until it returns false.
	Logs(ctx context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error
}

// Orderer gives orders to a running sidecar and returns when they were carried out.
type Orderer interface {
	Order(ctx context.Context, o heal.Order) error
}

// Policies checks and tries policies without touching the running one.
type Policies interface {
	// Validate returns the problems of a policy text; none for a valid one.
	Validate(text string) []Problem
	// Simulate makes the recorded decisions again under a policy text.
	Simulate(ctx context.Context, text string) (Simulation, error)
}

// Problem is one mistake in a policy.
type Problem struct {
	Line  int    `json:"line,omitempty"`
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

// Simulation is what another policy would have decided on the recorded past.
type Simulation struct {
	Decisions int          `json:"decisions"`
	Differ    int          `json:"differ"`
	Changes   []Redecision `json:"changes,omitempty"`
	// Omitted counts changes that are not listed.
	Omitted int `json:"omitted,omitempty"`
}

// Redecision is one decision that the other policy makes differently.
type Redecision struct {
	Incident string `json:"incident"`
	Agent    string `json:"agent"`
	Then     string `json:"then"`
	Now      string `json:"now"`
}

// Reporter carries a report of an agent to its sidecar; an error says why it was refused.
type Reporter interface {
	Report(ctx context.Context, report map[string]any) error
}
