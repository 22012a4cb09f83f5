package procfs

// Asked says whether processes wait for input that a person could give.
type Asked int

// Not at all, among other things that may happen, or for nothing else.
const (
	ReadsNothing Asked = iota
	ReadsAmongOthers
	ReadsNow
)
