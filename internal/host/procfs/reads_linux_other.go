//go:build linux && !amd64

package procfs

// legacyWaits are none: this architecture has only the newer calls.
var legacyWaits map[int]string
