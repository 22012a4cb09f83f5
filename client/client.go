// Package client asks a running healer-sidecar over its socket: how agents stand, what
// happened, and orders. docs/openapi.json describes the same for other languages.
package client

import (
	"context"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

// What is asked and answered.
type (
	// Status is how the agents and the sidecar stand.
	Status = heal.SidecarStatus
	// AgentStatus is how one agent stands.
	AgentStatus = heal.AgentStatus
	// Event is one record of what happened.
	Event = heal.Event
	// Stats are sums over all incidents.
	Stats = heal.Stats
	// Order is a person's command, Command its word.
	Order   = heal.Order
	Command = heal.Command
)

// The commands on agents.
const (
	Start   = heal.CommandStart
	Stop    = heal.CommandStop
	Restart = heal.CommandRestart
	Hold    = heal.CommandHold
	Isolate = heal.CommandIsolate
	Release = heal.CommandRelease
	Approve = heal.CommandApprove
	Refuse  = heal.CommandRefuse
	Ack     = heal.CommandAck
)

// Client talks to one sidecar. It is safe for concurrent use.
type Client struct{ c *control.Client }

// Dial returns a client for a socket: control.sock of the state directory, or that of the
// access block. Nothing is sent yet.
func Dial(socket string) *Client { return &Client{control.Dial(socket)} }

// Status asks how everything stands.
func (c *Client) Status(ctx context.Context) (Status, error) { return c.c.Status(ctx) }

// Stats asks for the sums.
func (c *Client) Stats(ctx context.Context) (Stats, error) { return c.c.Stats(ctx) }

// Order gives a command and returns when it was carried out.
func (c *Client) Order(ctx context.Context, o Order) error { return c.c.Order(ctx, o) }

// Events serves what happened after a sequence number; with follow it goes on until the
// context ends, the sidecar ends, or each returns false.
func (c *Client) Events(ctx context.Context, after uint64, follow bool, each func(Event) bool) error {
	return c.c.Events(ctx, after, follow, each)
}
