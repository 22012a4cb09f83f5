package sampling

import (
	"bytes"
	"fmt"
	"os"
)

// Listening reports that something takes connections on a TCP port, in our own network
// namespace. Nothing is bound or connected to find that out: that could take the port from
// the one who waits for it.
func Listening(port int) bool {
	const listen = "0A"
	want := []byte(fmt.Sprintf(":%04X", port))
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(b) {
			fields := bytes.Fields(line) // number, local, remote, state
			if len(fields) > 3 && string(fields[3]) == listen && bytes.HasSuffix(fields[1], want) {
				return true
			}
		}
	}
	return false
}
