package sampling

import (
	"fmt"

	"github.com/shirou/gopsutil/v3/net"
)

// Sockets lists up to most network sockets of a process: where they lead, and their state.
func Sockets(pid, most int) []string {
	all, err := net.ConnectionsPid("inet", int32(pid))
	if err != nil {
		return nil
	}
	words := map[uint32]string{1: "tcp", 2: "udp"}
	var list []string
	for _, c := range all[:min(len(all), most)] {
		list = append(list, fmt.Sprintf("%s %s:%d -> %s:%d %s", words[c.Type], c.Laddr.IP, c.Laddr.Port, c.Raddr.IP, c.Raddr.Port, c.Status))
	}
	return list
}
