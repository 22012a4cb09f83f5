package match

import "golang.org/x/sys/cpu"

var wide = cpu.X86.HasAVX2

// passingWide is passing for out of zeros.
//
//go:noescape
func passingWide(text *byte, steps int, f *filter, out *uint64)
