package classify

import (
	"slices"
	"strconv"

	"healer-sidecar/internal/match"
)

// portAt finds what may be the number of a port: behind a colon, the word, or a host in quotes.
var portAt = match.Lazy(`(?i)(?:\bport\W{1,3}|:|', )(\d{1,5})\b`)

// numberAt finds what may be a port anywhere, with all of an address.
var numberAt = match.Lazy(`\b[\d.]{2,15}\b`)

// PortsIn are the numbers in the words of a command, say, that may be ports.
func PortsIn(words []string) []int {
	var ports []int
	for _, word := range words {
		for _, text := range numberAt().FindAllString(word, -1) {
			ports = appendPort(ports, text)
		}
	}
	return ports
}

// appendPort adds what is the number of a port, once: no address, and no fraction.
func appendPort(ports []int, text string) []int {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 || n >= 1<<16 || slices.Contains(ports, n) {
		return ports
	}
	return append(ports, n)
}
