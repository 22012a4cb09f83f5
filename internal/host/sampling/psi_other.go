//go:build !linux

package sampling

import (
	"context"
	"time"
)

// PressureResources is empty: this system counts no waiting.
var PressureResources = []string{}

// PressureLine names what would be waited for.
type PressureLine struct {
	Resource string
	Full     bool
}

// WatchPressure says once that nothing is known.
func WatchPressure(ctx context.Context, _ PressureLine, _, _ time.Duration, tell func(time.Duration, bool)) {
	tell(0, false)
	<-ctx.Done()
}
