package heal

import "time"

// FleetStatus is how a host stands to its fleet.
type FleetStatus struct {
	Group string `json:"group"`
	Host  string `json:"host"`
	// Connected says that the hub answers; Fault says why it does not, with the remedy.
	Connected bool   `json:"connected"`
	Fault     string `json:"fault,omitempty"`
	// Hosts is how many the group was last seen to have, Unwell how many have an open incident.
	Hosts  int `json:"hosts"`
	Unwell int `json:"unwell"`
}

// FleetAsk is what the engine asks the fleet before it acts, or, without a strategy, what it
// tells of a failure.
type FleetAsk struct {
	Agent    string
	Incident string
	// Number is how many attempts the incident has seen.
	Number int
	// Cause names what may fail on other hosts too: a fingerprint or a dependency; Type and Text
	// describe it for people.
	Cause string
	Type  ErrorType
	Text  string
	// Strategy is what is to be done; empty when nothing is yet. Running says that the agent is
	// alive, so that a disruptive strategy takes it away.
	Strategy Strategy
	Running  bool
}

// FleetAnswer is what the fleet says to an ask.
type FleetAnswer struct {
	Agent    string
	Incident string
	Number   int
	Strategy Strategy
	// Granted says that it may be done when After has passed; else it may be asked again then.
	Granted bool
	After   time.Duration
	// Why says what is waited for.
	Why string
	// Fleet is the fleet incident that the failure belongs to; empty for none.
	Fleet string
	// Quiet says that another host tells people of it, Notice what this host tells for all.
	Quiet  bool
	Notice string
	// Passed are strategies that another host has tried in vain.
	Passed []Strategy
}
