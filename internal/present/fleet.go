package present

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Rank orders agents by how much they need a person: the lowest first.
func Rank(a heal.AgentStatus) int {
	if a.Card != nil && a.Card.NeedsYou {
		return rankNeedsYou
	}
	if r := StateOf(a.Health).rank; r > rankNeedsYou {
		return r
	}
	return rankUnwell // somebody has acknowledged it
}

// Sorted are the agents, unwell first; those of one rank stay in the order of the policy.
func Sorted(agents []heal.AgentStatus) []heal.AgentStatus {
	all := slices.Clone(agents)
	slices.SortStableFunc(all, func(a, b heal.AgentStatus) int { return cmp.Compare(Rank(a), Rank(b)) })
	return all
}

// NeedsYou are the cards of the agents that wait for a person, the longest waiting first.
func NeedsYou(agents []heal.AgentStatus) []heal.Card {
	var all []heal.Card
	for _, a := range agents {
		if a.Card != nil && a.Card.NeedsYou {
			all = append(all, *a.Card)
		}
	}
	slices.SortStableFunc(all, func(a, b heal.Card) int { return a.Since.Compare(b.Since) })
	return all
}

// Summary is the fleet in a line.
func Summary(agents []heal.AgentStatus) string {
	counts := map[int]int{}
	for _, a := range agents {
		counts[Rank(a)]++
	}
	text := Count(len(agents), "agent") + ":"
	for _, part := range []struct {
		rank int
		what string
	}{
		{rankNeedsYou, "need you"}, {rankUnwell, "unwell"}, {rankHealing, "being healed"},
		{rankWaiting, "starting or waiting"}, {rankDown, "down on purpose"}, {rankWell, "healthy"},
	} {
		n := counts[part.rank]
		if n == 0 {
			continue
		}
		if part.rank == rankNeedsYou && n == 1 {
			part.what = "needs you"
		}
		text += fmt.Sprintf(" %d %s,", n, part.what)
	}
	return text[:len(text)-1]
}

// Notices are what a person must know of the sidecar itself, the most important first.
func Notices(s heal.SidecarStatus) []string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(s.Paused, "HEALING IS PAUSED: failures are detected, nothing is done. To end it: healer-sidecar resume")
	add(s.Policy != "", "POLICY: the file has errors; the previous policy is still active: "+s.Policy)
	add(s.Journal != "", "JOURNAL: "+s.Journal)
	if f := s.Fleet; f != nil {
		all = append(all, fleetLine(*f))
	}
	for _, o := range s.Orphans {
		all = append(all, fmt.Sprintf("ORPHAN: %s runs on as process %d, and the policy does not name it. To adopt it, name it again and reload; to end it: healer-sidecar stop %s",
			o.Agent, o.PIDs[0], o.Agent))
	}
	add(s.Storm != "", "STORM: "+s.Storm+"; attempts are spread out")
	add(s.Lag > 0, fmt.Sprintf("SCHEDULING DELAY: the sidecar got no CPU time for %s; timeouts are extended", Took(s.Lag)))
	return all
}

// fleetLine is how the host and its group are.
func fleetLine(f heal.FleetStatus) string {
	state := fmt.Sprintf("connected, %s in the group, %d unwell", Count(f.Hosts, "host"), f.Unwell)
	if !f.Connected {
		state = "this host heals alone: " + cmp.Or(f.Fault, "it is not connected yet")
	}
	return fmt.Sprintf("fleet %s/%s: %s", f.Group, f.Host, state)
}

// Deal gives each agent that is not simply well its card. open finds the open incident of an agent;
// nil for nothing known.
func Deal(agents []heal.AgentStatus, open func(incident string) *heal.IncidentSummary, now time.Time) {
	for n := range agents {
		a := &agents[n]
		var i *heal.IncidentSummary
		if a.Incident != "" {
			i = open(a.Incident)
		}
		a.Card = CardOf(*a, i, now)
	}
}

// NothingToDo says why an order would change nothing; empty when it would.
func NothingToDo(c heal.Command, a heal.AgentStatus) string {
	switch {
	case a.Health == "": // not known
	case c == heal.CommandRelease && a.Hold == "" && a.Health != "held" && a.Process.State != "frozen":
		return fmt.Sprintf("%s is not held (%s)", a.Agent, a.Health)
	case c == heal.CommandStop && a.Desired == "down" && !a.Running:
		return a.Agent + " is stopped already"
	case c == heal.CommandStart && a.Health == "healthy" && a.Running && a.Hold == "":
		return a.Agent + " is running already"
	}
	return ""
}
