package heal

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
