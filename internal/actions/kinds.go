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
	{heal.Retry, again, nil},
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

// tasks are what is done beside the strategies.
var tasks = map[heal.Task]do{
	heal.TaskLaunch:       start,
	heal.TaskPlanned:      start,
	heal.TaskStart:        start,
	heal.TaskStop:         stop,
	heal.TaskRestart:      restart,
	heal.TaskIsolate:      isolate,
	heal.TaskRelease:      release,
	heal.TaskNotify:       escalate,
	heal.TaskAskSafePoint: askSafePoint,
	heal.TaskSnapshot:     keep,
	heal.TaskRestore:      rollback,
}

// lookup finds what an attempt asks for.
func lookup(a heal.Attempt) (do, error) {
	if a.Task != "" {
		if act, ok := tasks[a.Task]; ok {
			return act, nil
		}
		return nil, fmt.Errorf("cannot carry out task %q: not known", a.Task)
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
