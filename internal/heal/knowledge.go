package heal

import "time"

// KnowledgeVersion is that of the form in which knowledge travels.
const KnowledgeVersion = 1

// Knowledge is what one host has learned, and what it was told by others, in a form that
// may be merged in any order and any number of times without counting anything twice.
type Knowledge struct {
	Version  int      `json:"version"`
	Host     string   `json:"host"`
	Patterns []Shared `json:"patterns"`
}

// Shared is what one host has learned about one failure. For each origin and epoch its
// counts only grow, so merging takes the greater of two.
type Shared struct {
	// Origin is the host that saw it, Epoch when it began to count.
	Origin string `json:"origin"`
	Epoch  int64  `json:"epoch"`
	// Class is that of the agents; * for those of all classes together.
	Class       string    `json:"class"`
	Fingerprint string    `json:"fingerprint"`
	Type        ErrorType `json:"type"`
	// Template is left out unless asked for: it may hold what was in the output.
	Template string `json:"template,omitempty"`
	// Seen is when it was last learned about.
	Seen time.Time              `json:"seen"`
	Arms map[Strategy][2]Counts `json:"arms"`
	// Weights are the log-weights of the archetypes, and of none of them.
	Weights []float64 `json:"weights,omitempty"`
}

// Counts are verified outcomes, good and bad. First and later tries are counted apart.
type Counts struct {
	Good float64 `json:"good"`
	Bad  float64 `json:"bad"`
}

// All is how many there are.
func (c Counts) All() float64 { return c.Good + c.Bad }

// Greater is what two reports of the same growing counts amount to.
func (c Counts) Greater(other Counts) Counts {
	return Counts{max(c.Good, other.Good), max(c.Bad, other.Bad)}
}
