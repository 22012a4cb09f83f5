package fleet

import (
	"fmt"
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// leastHosts and leastShare of the group that fail for the same reason within causeWithin have
	// a common cause.
	leastHosts, leastShare = 3, 0.05
	causeWithin            = 5 * time.Minute
	// leaseFor is how long a host may be silent that tries first, before another takes over.
	leaseFor = 15 * time.Second
	// proofWithin bounds how long the others wait for its proof.
	proofWithin = 5 * time.Minute
	// askAgain is how long a host waits before it asks again whether it may go on; half of it
	// at least.
	askAgain = 2 * time.Second
	// keptFor is how long a fleet incident is kept after its last change.
	keptFor = 15 * time.Minute
)

// State is where a fleet incident stands.
type State string

// Proving: one host tries, the others wait. Proven: its remedy helped, the others follow.
const (
	Proving State = "proving"
	Proven  State = "proven"
)

// Incident is one cause on several hosts. It is kept in a bucket under the cause; hosts change
// it by compare-and-swap.
type Incident struct {
	ID     string         `json:"id"`
	Cause  string         `json:"cause"`
	Type   heal.ErrorType `json:"type,omitempty"`
	Text   string         `json:"text,omitempty"`
	Opened time.Time      `json:"opened"`
	// Hosts is how many had failed when it was opened, Of how many the group had.
	Hosts int   `json:"hosts"`
	Of    int   `json:"of"`
	State State `json:"state"`
	// Canary is the host that tries first, until Lease if it is not heard of; Strategy is what it
	// tries, Since when the others wait for it.
	Canary   string        `json:"canary"`
	Lease    time.Time     `json:"lease"`
	Strategy heal.Strategy `json:"strategy,omitempty"`
	Since    time.Time     `json:"since"`
	// Proven is when its remedy had helped.
	Proven time.Time `json:"proven,omitzero"`
	// Passed were tried in vain.
	Passed []heal.Strategy `json:"passed,omitempty"`
	// Teller tells people for all, until TellerLease if it has not done so; Told says that it has.
	Teller      string    `json:"teller"`
	TellerLease time.Time `json:"teller_lease"`
	Told        bool      `json:"told,omitempty"`
}

// Common reports that so many hosts of a group have a common cause.
func Common(failing, hosts int) bool {
	return failing >= max(leastHosts, int(math.Ceil(leastShare*float64(hosts))))
}

// step is what a host does next in a fleet incident.
type step string

const (
	// stepPass: the strategy was tried in vain elsewhere.
	stepPass step = "pass"
	// stepWait: another host tries first.
	stepWait step = "wait"
	// stepTry: this host tries first.
	stepTry step = "try"
	// stepTakeOver: the host that tried first is gone, this one may take its place.
	stepTakeOver step = "take_over"
	// stepFollow: it is proven, or was waited for long enough.
	stepFollow step = "follow"
)

// next says what a host does that wants to use a strategy, and why.
func (i Incident) next(host string, s heal.Strategy, now time.Time) (step, string) {
	switch {
	case slices.Contains(i.Passed, s):
		return stepPass, fmt.Sprintf("%s was tried in vain", s)
	case i.State == Proven:
		return stepFollow, fmt.Sprintf("%s was proven on %s: the others follow in waves", i.Strategy, i.Canary)
	case i.Canary == host:
		return stepTry, "this host tries first"
	case !now.Before(i.Lease):
		return stepTakeOver, "the host that tried first is not heard of: this host tries first"
	case now.Sub(i.Since) >= proofWithin:
		return stepFollow, fmt.Sprintf("%s has proven nothing for %s: the others follow", i.Canary, proofWithin)
	}
	what := "a remedy"
	if i.Strategy != "" {
		what = string(i.Strategy)
	}
	return stepWait, fmt.Sprintf("%s tries %s first; this host waits for its proof", i.Canary, what)
}

// onlyWaits reports that a strategy does nothing but run the agent again: for what only time
// mends, its failure says that the time has not come, not that it does not help.
func onlyWaits(s heal.Strategy, t heal.ErrorType) bool {
	return s == heal.WaitAndRetry || s == heal.Retry && (t == heal.DependencyFailure || t == heal.CommunicationError)
}

// judged is the incident after an attempt of one of its hosts was verified. It reports false when
// that changes nothing.
func (i Incident) judged(host string, s heal.Strategy, o heal.Outcome, begun, now time.Time) (Incident, bool) {
	good := o == heal.Recovered
	switch {
	case s == heal.Escalate || s == heal.Isolate || o == heal.OutcomeUnknown:
		return i, false
	case i.State == Proving && i.Canary == host && good:
		i.State, i.Proven, i.Strategy = Proven, now, s
		return i, true
	case i.State == Proving && i.Canary == host:
		if !onlyWaits(s, i.Type) && !slices.Contains(i.Passed, s) {
			i.Passed = append(slices.Clone(i.Passed), s)
		}
		i.Lease = now.Add(leaseFor)
		return i, true
	case i.State == Proven && !good && begun.After(i.Proven): // it came back in a wave
		i.State, i.Canary, i.Lease, i.Since, i.Proven = Proving, host, now.Add(leaseFor), now, time.Time{}
		return i, true
	}
	return i, false
}

// notice is what people read once for all hosts.
func (i Incident) notice(group string) string {
	return fmt.Sprintf("fleet incident %s: at least %d of %d hosts of group %s fail for the same reason: %s (%s); %s tries a remedy first, the others wait for its proof",
		i.ID, i.Hosts, i.Of, group, i.Text, i.Type, i.Canary)
}

// Story tells people what the incident is about and where it stands.
func (i Incident) Story() []string {
	at := func(t time.Time) string { return t.Local().Format("15:04:05") }
	story := []string{
		fmt.Sprintf("%s: %s (%s)", i.ID, i.Text, i.Type),
		fmt.Sprintf("opened at %s, when %d of %d hosts had failed for the same reason (%s)", at(i.Opened), i.Hosts, i.Of, i.Cause),
	}
	switch {
	case i.State == Proven:
		story = append(story, fmt.Sprintf("%s recovered with %s at %s; the others follow in waves of 1, 2, 4, ... up to the agreed rate", i.Canary, i.Strategy, at(i.Proven)))
	case i.Strategy != "":
		story = append(story, fmt.Sprintf("%s tries %s first; the others wait for its proof, at most until %s", i.Canary, i.Strategy, at(i.Since.Add(proofWithin))))
	default:
		story = append(story, fmt.Sprintf("%s will try a remedy first; the others wait for its proof", i.Canary))
	}
	for _, s := range i.Passed {
		story = append(story, fmt.Sprintf("%s was tried in vain and is passed over by all hosts", s))
	}
	if i.Told {
		story = append(story, "people were told by "+i.Teller)
	}
	return story
}
