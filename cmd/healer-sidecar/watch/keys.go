package watch

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"healer-sidecar/internal/heal"
)

// orders are the keys that act, with what they order.
var orders = []struct {
	key     string
	command heal.Command
	// incident orders are about the open incident of the agent.
	incident bool
}{
	{"s", heal.CommandStart, false}, {"t", heal.CommandStop, false}, {"r", heal.CommandRestart, false}, {"h", heal.CommandHold, false},
	{"i", heal.CommandIsolate, false}, {"l", heal.CommandRelease, false}, {"a", heal.CommandApprove, true}, {"x", heal.CommandRefuse, true}, {"k", heal.CommandAck, true},
}

// key does what a key says. What acts is asked about first.
func (m Model) key(key string) (tea.Model, tea.Cmd) {
	switch {
	case key == "ctrl+c" || key == "q" && m.story == "":
		return m, tea.Quit
	case m.story != "":
		return m.read(key), nil
	case m.asking != nil:
		return m.answer(key)
	}
	m.said = ""
	switch key {
	case "up":
		m.chosen = max(m.chosen-1, 0)
	case "down":
		m.chosen = min(m.chosen+1, max(len(m.status.Agents)-1, 0))
	case "e", "enter":
		return m, m.explain()
	default:
		m.ask(key)
	}
	return m, nil
}

// read moves through a story.
func (m Model) read(key string) tea.Model {
	switch key {
	case "up":
		m.stories = max(m.stories-1, 0)
	case "down", "enter", " ":
		m.stories++
	case "esc", "q", "e":
		m.story = ""
	}
	return m
}

func (m *Model) ask(key string) {
	if m.chosen >= len(m.status.Agents) {
		return
	}
	a := m.status.Agents[m.chosen]
	for _, o := range orders {
		if o.key != key {
			continue
		}
		m.asking = &heal.Order{Command: o.command, Agent: a.Agent}
		if o.incident {
			m.asking = &heal.Order{Command: o.command, Incident: a.Incident}
		}
		if o.incident && a.Incident == "" {
			m.asking, m.said = nil, fmt.Sprintf("%s has no open incident", a.Agent)
		}
	}
}

func (m Model) answer(key string) (tea.Model, tea.Cmd) {
	o := *m.asking
	m.asking = nil
	if key != "y" {
		m.said = "left as it is"
		return m, nil
	}
	what := fmt.Sprintf("%s %s%s", o.Command, o.Agent, o.Incident)
	m.said = what + " …"
	return m, func() tea.Msg { return doneMsg{what, m.sidecar.Order(m.ctx, o)} }
}

func (m Model) explain() tea.Cmd {
	if m.chosen >= len(m.status.Agents) || m.Explain == nil {
		return nil
	}
	incident := m.status.Agents[m.chosen].Incident
	return func() tea.Msg { return storyMsg(m.Explain(incident)) }
}
