package testlab

import (
	"context"

	"healer-sidecar/internal/host/procs"
)

// Reaping runs tests while a reaper collects the children of this process, and returns
// their exit code.
func Reaping(r *procs.Reaper, run func() int) int {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	go r.Run(ctx)
	return run()
}
