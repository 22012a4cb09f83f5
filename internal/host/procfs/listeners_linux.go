package procfs

import (
	"bytes"
	"fmt"
	"os"
)

// Listeners are the sockets of our network namespace that listen on a TCP port, as links of descriptors name them.
func Listeners(port int) []string {
	const listen, inode = "0A", 9
	want := []byte(fmt.Sprintf(":%04X", port))
	var all []string
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(b) {
			fields := bytes.Fields(line)
			if len(fields) > inode && string(fields[3]) == listen && bytes.HasSuffix(fields[1], want) {
				all = append(all, "socket:["+string(fields[inode])+"]")
			}
		}
	}
	return all
}
