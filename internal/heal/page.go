package heal

import "time"

// History is what an agent used: the newest last, nothing where it was not known.
type History struct {
	// Recent has a point for each second, Day one for each minute.
	Recent Series `json:"recent"`
	Day    Series `json:"day"`
}

// Series are readings at equal intervals.
type Series struct {
	// End is the time of the last point, Step the seconds between two.
	End  time.Time `json:"end"`
	Step int       `json:"step"`
	// Memory in bytes, CPU in percent of a core.
	Memory []*float64 `json:"memory"`
	CPU    []*float64 `json:"cpu"`
}

// Forecast is a resource that runs out if nothing changes.
type Forecast struct {
	Text string `json:"text"`
	// Resource is what runs out, Left when, Limit where it ends.
	Resource Resource      `json:"resource,omitempty"`
	Left     time.Duration `json:"left,omitempty"`
	Limit    float64       `json:"limit,omitempty"`
}

// PolicyInForce is what is in force for one agent, and where it is written.
type PolicyInForce struct {
	Agent string `json:"agent"`
	// File and Line are where its block begins; empty for a wrapped command.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Given are the settings that differ from the defaults, Defaults the others.
	Given    map[string]string `json:"given"`
	Defaults map[string]string `json:"defaults"`
	// Detects are what is watched.
	Detects []string `json:"detects"`
}
