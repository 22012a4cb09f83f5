//go:build !linux

package procs

import (
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
)

// watchEvery is how often a process is looked at that is not our child.
const watchEvery = 200 * time.Millisecond

// Watch yields that a process ended which is not our child; how is not told here.
func Watch(id procfs.Identity) (<-chan heal.Exit, error) {
	exited := make(chan heal.Exit, 1)
	go func() {
		for {
			if alive, err := id.Alive(); err == nil && !alive {
				exited <- heal.Exit{Unknown: true}
				return
			}
			time.Sleep(watchEvery)
		}
	}()
	return exited, nil
}
