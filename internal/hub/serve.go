package hub

import (
	"context"
	"time"
)

// membersEvery is how often the hub looks for members that have joined.
const membersEvery = time.Second

// Serve runs a hub until the context ends. ready is told the address that it listens on.
func Serve(ctx context.Context, o Options, ready func(url string)) error {
	s, err := Start(o)
	if err != nil {
		return err
	}
	defer s.Close()
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := Prepare(ctx, nc, o.Limits); err != nil {
		return err
	}
	ready(s.URL())
	failed := make(chan error, 1)
	go func() { failed <- Audit(ctx, nc, o.Log) }()
	s.takeIn(ctx)
	return <-failed
}

// takeIn follows the book of members until the context ends.
func (s *Server) takeIn(ctx context.Context) {
	known := s.book.Stamp()
	tick := time.NewTicker(membersEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := s.book.Stamp()
		if now == known {
			continue
		}
		known = now
		if err := s.Reload(); err != nil {
			s.options.Log("members: %v", err)
			continue
		}
		s.options.Log("members: read again")
	}
}
