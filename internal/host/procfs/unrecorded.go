package procfs

// MarkedRun is a run whose processes are found by what they carry, whatever is written down of it.
type MarkedRun struct {
	Agent, ID string
	// Leader is the session that was made first; it names nobody where only others are left.
	Leader Identity
	PIDs   []int
}
