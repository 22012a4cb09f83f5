// Package notify reaches people: by command, webhook, Alertmanager, chat or mail. What could
// not be delivered waits in a bounded queue on the disk and is tried again.
package notify

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

// Notice is what people are sent.
type Notice struct {
	At       time.Time `json:"at"`
	Host     string    `json:"host"`
	Agent    string    `json:"agent"`
	Incident string    `json:"incident"`
	Reason   string    `json:"reason"`
	// Hold says that the agent stays down until a person releases it, Resolved that the
	// incident is over.
	Hold      bool            `json:"hold"`
	Resolved  bool            `json:"resolved,omitempty"`
	Diagnosis *heal.Diagnosis `json:"diagnosis,omitempty"`
	// Others are told together with this one.
	Others []Notice `json:"others,omitempty"`
}

// together makes one notice of several: the first tells of the others.
func together(all []Notice) Notice {
	n := all[0]
	n.Others = all[1:]
	return n
}

// kind is the error type of the notice, and how severe it is.
func (n Notice) kind() (heal.ErrorType, float64) {
	if n.Diagnosis == nil {
		return heal.Unknown, 0
	}
	return n.Diagnosis.Type, n.Diagnosis.Severity
}

// Title is the notice in a line.
func (n Notice) Title() string {
	t, _ := n.kind()
	if n.Resolved {
		return fmt.Sprintf("%s on %s: %s is over", n.names(), n.Host, t)
	}
	return fmt.Sprintf("%s on %s: %s", n.names(), n.Host, t)
}

func (n Notice) names() string {
	if len(n.Others) == 0 {
		return n.Agent
	}
	return fmt.Sprintf("%s and %d others", n.Agent, len(n.Others))
}

// Text is the notice for people.
func (n Notice) Text() string {
	text := n.Reason
	if n.Diagnosis != nil && !n.Resolved {
		for _, e := range n.Diagnosis.Evidence[:min(len(n.Diagnosis.Evidence), mostEvidence)] {
			text += "\n- " + e
		}
	}
	text += "\nincident " + n.Incident
	if n.Hold {
		text += "\nit is held: healer-sidecar release " + n.Agent
	}
	for _, other := range n.Others[:min(len(n.Others), mostOthers)] {
		text += fmt.Sprintf("\n%s (%s): %s", other.Agent, other.Incident, other.Reason)
	}
	if more := len(n.Others) - mostOthers; more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	return text
}

// mostEvidence is how many pieces of evidence a text holds, mostOthers of how many other
// notices it tells.
const mostEvidence, mostOthers = 5, 30
