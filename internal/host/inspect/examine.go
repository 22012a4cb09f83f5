package inspect

// Enforced says how far a host lets a thing be enforced.
type Enforced string

// How far it goes: all the way, by weaker means, or not at all.
const (
	Enforces Enforced = "yes"
	Weaker   Enforced = "weaker"
	Missing  Enforced = "no"
)

// Finding is what a host can enforce of one thing.
type Finding struct {
	What string `json:"what"`
	// For is what it is good for.
	For   string   `json:"for"`
	State Enforced `json:"state"`
	// How says by which means, or what stands in the way, Change how to change that.
	How    string `json:"how"`
	Change string `json:"change,omitempty"`
}

// examination tries one thing and says how far it goes.
type examination struct {
	what, good string
	try        func() (state Enforced, how, change string)
}

// Examine tries what a sidecar can use of this host, and leaves nothing behind.
func Examine() []Finding {
	var all []Finding
	for _, e := range examinations {
		state, how, change := e.try()
		all = append(all, Finding{e.what, e.good, state, how, change})
	}
	return all
}
