package heal

import "fmt"

// Needs is what a run that ended said it could not have.
type Needs struct {
	// Ports may be those of the address that was in use; Holder has one of them.
	Ports  []int   `json:"ports,omitempty"`
	Holder *Holder `json:"holder,omitempty"`
	// Missing are the files and programs that were not there, as the run named them.
	Missing []string `json:"missing,omitempty"`
}

// Holder is the process that listens on a port.
type Holder struct {
	Port    int    `json:"port"`
	PID     int    `json:"pid"`
	Command string `json:"command"`
}

func (h Holder) String() string {
	return fmt.Sprintf("port %d is held by process %d (%s)", h.Port, h.PID, h.Command)
}
