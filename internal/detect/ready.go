package detect

import (
	"net"
	"time"

	"healer-sidecar/internal/config"
)

const (
	// readyEvery is how often an agent that is not ready yet is looked at.
	readyEvery = 100 * time.Millisecond
	// connectFor bounds one try to connect.
	connectFor = 50 * time.Millisecond
)

// isReady reports that all conditions hold for an agent that is up since a while.
func isReady(r config.Ready, up time.Duration) bool {
	if up < r.After {
		return false
	}
	if r.File != "" && !exists(r.File) {
		return false
	}
	if r.TCP == "" {
		return true
	}
	conn, err := net.DialTimeout("tcp", r.TCP, connectFor)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
