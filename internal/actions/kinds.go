package actions

import (
	"context"
	"fmt"

	"healer-sidecar/internal/heal"
)

// do carries an attempt out and says what is in force afterwards.
type do func(context.Context, *Runner, heal.Attempt) ([]string, error)

// kind is how a strategy acts and how it is taken back; nil for what cannot be.
type kind struct {
	strategy heal.Strategy
	do, undo do
}

// kinds are the strategies and how they act.
var kinds = []kind{
	{heal.Retry, start, nil},
	{heal.WaitAndRetry, start, nil},
	{heal.Restart, restart, nil},
	{heal.Rollback, rollback, swapBack},
	{heal.Reconfigure, reconfigure, lift},
	{heal.DegradeGracefully, degrade, degrade},
	{heal.AlternativePath, alternative, alternative},
	{heal.Compensate, compensate, nil},
	{heal.Isolate, isolate, release},
	{heal.Escalate, escalate, nil},
}

// commands are the orders of people, and the first start.
var commands = map[heal.Command]do{
	heal.CommandLaunch:   start,
	heal.CommandPlanned:  start,
	heal.CommandStart:    start,
	heal.CommandStop:     stop,
	heal.CommandRestart:  restart,
	heal.CommandIsolate:  isolate,
	heal.CommandRelease:  release,
	heal.CommandTell:     escalate,
	heal.CommandAsk:      askSafePoint,
	heal.CommandSnapshot: keep,
	heal.CommandRestore:  rollback,
}

// lookup finds what an attempt asks for.
func lookup(a heal.Attempt) (do, error) {
	if a.Command != "" {
		if act, ok := commands[a.Command]; ok {
			return act, nil
		}
		return nil, fmt.Errorf("cannot carry out command %q: not known", a.Command)
	}
	for _, k := range kinds {
		act := k.do
		if a.Undo {
			act = k.undo
		}
		if k.strategy == a.Strategy && act != nil {
			return act, nil
		}
	}
	return nil, fmt.Errorf("cannot carry out %q: it has nothing to act on", a.Strategy)
}
