//go:build !amd64

package match

// wide is false: windows are looked at one by one.
const wide = false

func passingWide(*byte, int, *filter, *uint64) {}
