package control

import (
	"context"

	"healer-sidecar/internal/heal"
)

// Backend answers for the running sidecar. It is safe for concurrent use.
type Backend interface {
	Status(context.Context) (heal.SidecarStatus, error)
	Stats(context.Context) (heal.Stats, error)
	Patterns(ctx context.Context, agent string) ([]heal.PatternStats, error)
	// Snapshots are the good generations of an agent, with what is different now if wanted.
	Snapshots(ctx context.Context, agent string, changes bool) ([]heal.Generation, error)
	// Knowledge is what may be told to other hosts, Hear takes in what one of them tells
	// and returns how many patterns that were.
	Knowledge(ctx context.Context, templates bool) (heal.Knowledge, error)
	Hear(context.Context, heal.Knowledge) (int, error)
	// Order carries a person's command out and returns when it is done.
	Order(context.Context, heal.Order) error
	// Events returns a reader of what is recorded after a sequence number. It serves
	// what is new at every call, until each returns false.
	Events(after uint64) (read func(each func(heal.Event) bool) error)
	// Logs serves lines of output, oldest first, until each returns false; with Follow
	// it goes on until the context ends.
	Logs(ctx context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error
	// Refused records that somebody asked for what is not theirs.
	Refused(uid, pid int, what string)
	// Changed is closed when more events are recorded; nil when none will be.
	Changed() <-chan struct{}
}
