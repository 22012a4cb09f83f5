package heal

// VoteState says what became of a piece of evidence before the judgement.
type VoteState string

// The states of evidence. The zero value is open: nothing speaks against it.
const (
	Open VoteState = ""
	// Survived: something showed afterwards that the process lived through it.
	Survived VoteState = "survived"
	// Stale: it was printed too long before the end.
	Stale VoteState = "stale"
	// Outranked: a fact says why the process ended.
	Outranked VoteState = "outranked"
	// Usual: the agent prints it in healthy runs, and nothing else agrees with it.
	Usual VoteState = "usual"
)

// HealthyRun is what a run teaches that was healthy: which lines that built-in rules call failures it
// printed even so.
type HealthyRun struct {
	Class string `json:"class"`
	Run   string `json:"run"`
	// Lines are hashes of their templates.
	Lines []string `json:"lines,omitempty"`
}
