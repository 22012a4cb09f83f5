package engine

import "healer-sidecar/internal/heal"

// Journal makes events durable.
type Journal interface {
	// Append writes events in order. With durable they are on the disk when it
	// returns. An error means that they are kept and will be tried again.
	Append(events []heal.Event, durable bool) error
	// Sync brings everything that was appended to the disk.
	Sync() error
	// Full asks for Compact, which saves what all events amount to and makes room.
	Full() bool
	Compact(state any) error
}

// Executor carries attempts out. All methods return at once; the report comes
// back as AttemptFinished.
type Executor interface {
	Do(heal.Attempt)
	Cancel(attempt string)
	// Refuse reports an attempt as failed that was never begun.
	Refuse(attempt, why string)
}
