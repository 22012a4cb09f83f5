package diagnose

import (
	"slices"
	"strconv"
	"strings"
)

// portAt finds what may be the number of a port: behind a colon, the word, or a host in quotes.
var portAt = lazy(`(?i)(?:\bport\W{1,3}|:|', )(\d{1,5})\b`)

// Ports are the numbers in the evidence of an address in use that may be its port. A time of
// day has some too: which of them it is, only the host can tell.
func Ports(evidence []string) []int {
	var ports []int
	for _, e := range evidence {
		_, line, ok := strings.Cut(e, "address-in-use: ")
		if !ok {
			continue
		}
		for _, m := range portAt().FindAllStringSubmatch(line, -1) {
			if n, err := strconv.Atoi(m[1]); err == nil && n > 0 && n < 1<<16 && !slices.Contains(ports, n) {
				ports = append(ports, n)
			}
		}
	}
	return ports
}
