package diagnose

import "golang.org/x/sys/cpu"

// passing asks the filter about 16 windows at once. It returns the first place where
// any passes, with a bit for each window at every fourth byte from there (even) and for
// each two bytes behind those (odd), or both zero when less than a step is left.
//
//go:noescape
func passing(text *byte, n int, filter *uint64) (at int, even, odd uint32)

var wideFilter = cpu.X86.HasAVX2
