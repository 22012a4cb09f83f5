package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"healer-sidecar/internal/httpjson"
)

const (
	// soonest is the least time between two looks that are sent, latest the most: readings
	// change without any event.
	soonest, latest = 250 * time.Millisecond, time.Second
	// writeFor bounds how long one message may take to be read.
	writeFor = 10 * time.Second
)

// stream sends the state whenever something has changed, as server-sent events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		httpjson.Fail(w, http.StatusServiceUnavailable, errors.New("too many pages are open"))
		return
	}
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		changed := s.backend.Changed()
		state, err := s.state(r.Context())
		if err != nil {
			return
		}
		text, err := json.Marshal(state)
		if err != nil {
			return
		}
		_ = out.SetWriteDeadline(time.Now().Add(writeFor))
		_ = out.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := fmt.Fprintf(w, "event: state\ndata: %s\n\n", text); err != nil || out.Flush() != nil {
			return
		}
		if !pause(r, changed) {
			return
		}
	}
}

// pause waits for a change, and no longer than readings may be old. It reports false when
// nobody listens any more.
func pause(r *http.Request, changed <-chan struct{}) bool {
	select {
	case <-time.After(soonest):
	case <-r.Context().Done():
		return false
	}
	select {
	case <-changed:
	case <-time.After(latest - soonest):
	case <-r.Context().Done():
		return false
	}
	return true
}
