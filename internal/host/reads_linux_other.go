//go:build linux && !amd64

package host

// legacyWaits are none: this architecture has only the newer calls.
var legacyWaits map[int]string
