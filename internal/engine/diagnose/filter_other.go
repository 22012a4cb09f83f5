//go:build !amd64

package diagnose

// wideFilter is false: windows are looked at one by one.
const wideFilter = false

func passing(*byte, int, *uint64) (at int, even, odd uint32) { return 0, 0, 0 }
