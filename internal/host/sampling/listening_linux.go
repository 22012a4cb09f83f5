package sampling

import "healer-sidecar/internal/host/procfs"

// Listening reports that something takes connections on a TCP port, in our own network
// namespace. Nothing is bound or connected to find that out: that could take the port from
// the one who waits for it.
func Listening(port int) bool { return len(procfs.Listeners(port)) > 0 }
