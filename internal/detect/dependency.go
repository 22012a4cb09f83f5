package detect

import (
	"context"
	"sync"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/probe"
)

// Dependencies asks for what agents need outside, once for all of them, until the
// context ends. Seen is told after every answer that decides something; down is why it
// is not well.
func Dependencies(ctx context.Context, all []config.Dependency, tools probe.Tools, seen func(name, down string)) {
	var asking sync.WaitGroup
	for _, d := range all {
		asking.Go(func() {
			probe.Run(ctx, d.Target, d.Schedule, tools, func(v probe.Verdict) {
				switch {
				case v.Well:
					seen(d.Name, "")
				case v.Failed:
					seen(d.Name, v.Why)
				}
			})
		})
	}
	asking.Wait()
}
