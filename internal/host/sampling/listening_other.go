//go:build !linux

package sampling

import "github.com/shirou/gopsutil/v3/net"

// Listening reports that something takes connections on a TCP port.
func Listening(port int) bool {
	all, _ := net.Connections("tcp")
	for _, c := range all {
		if c.Status == "LISTEN" && int(c.Laddr.Port) == port {
			return true
		}
	}
	return false
}
