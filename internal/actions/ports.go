package actions

import (
	"context"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// Units is the power over the agents' processes.
type Units interface {
	Start(ctx context.Context, agent string) error
	Stop(ctx context.Context, agent string) error
	Freeze(agent string) (string, error)
	Thaw(agent string) error
	Limit(agent string, l host.Limits) (string, error)
	Slow(agent string, percent float64) (string, error)
	Lift(agent string) error
	Status(agent string) heal.ProcessStatus
	Members() map[string][]host.Identity
}

// Readings is what the agents use now.
type Readings interface {
	Usage(agent string) (host.Usage, bool)
}
