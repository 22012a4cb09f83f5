package procfs

// Fate is what a process does with a signal.
type Fate int

// What there is. A signal that is blocked counts by what it will do later.
const (
	FateDefault Fate = iota
	FateIgnored
	FateCaught
)
