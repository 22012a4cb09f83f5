package diagnose

import "golang.org/x/sys/cpu"

// passing asks the filter about 16 windows at once, in steps of 32 bytes, of which the last
// one needs two bytes more of text. It writes a bit for each window that passes: those at
// every fourth byte in the lower half, those two bytes behind them in the upper.
//
//go:noescape
func passing(text *byte, steps int, filter *uint64, out *uint16)

var wideFilter = cpu.X86.HasAVX2
