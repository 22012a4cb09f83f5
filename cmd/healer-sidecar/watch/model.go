// Package watch is the live view in a terminal: agents with the lines of their memory and
// processor, open incidents, the latest decisions, and keys to act.
package watch

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"healer-sidecar/internal/heal"
)

// Sidecar is the running one.
type Sidecar interface {
	Status(context.Context) (heal.SidecarStatus, error)
	Events(ctx context.Context, after uint64, follow bool, each func(heal.Event) bool) error
	Order(context.Context, heal.Order) error
}

const (
	// every is how often the status is asked for, points how many readings a line shows,
	// lastEvents how many decisions are shown.
	every              = time.Second
	points, lastEvents = 24, 8
)

// Model is what is shown. It is changed only by Update.
type Model struct {
	sidecar Sidecar
	ctx     context.Context
	// Explain tells the story of an incident as text.
	Explain func(incident string) string
	// Gist is the point of an event in a line.
	Gist func(heal.Event) string

	status  heal.SidecarStatus
	fault   string
	said    string
	events  []string
	memory  map[string][]float64
	cpu     map[string][]float64
	chosen  int
	asking  *heal.Order
	story   string
	width   int
	height  int
	stories int
}

// New returns a view of a sidecar.
func New(ctx context.Context, s Sidecar) Model {
	return Model{sidecar: s, ctx: ctx, memory: map[string][]float64{}, cpu: map[string][]float64{}, width: 80, height: 24}
}

// The messages of the view.
type (
	statusMsg struct {
		status heal.SidecarStatus
		err    error
	}
	eventMsg heal.Event
	doneMsg  struct {
		what string
		err  error
	}
	storyMsg string
	tickMsg  struct{}
)

// Init asks for the first status.
func (m Model) Init() tea.Cmd { return m.look() }

func (m Model) look() tea.Cmd {
	return func() tea.Msg {
		s, err := m.sidecar.Status(m.ctx)
		return statusMsg{s, err}
	}
}

// Follow sends what happens to a program until the context ends.
func (m Model) Follow(send func(tea.Msg)) {
	_ = m.sidecar.Events(m.ctx, 0, true, func(e heal.Event) bool {
		send(eventMsg(e))
		return m.ctx.Err() == nil
	})
}

// Update takes a message in.
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.key(msg.String())
	case tickMsg:
		return m, m.look()
	case statusMsg:
		m.take(msg)
		return m, tea.Tick(every, func(time.Time) tea.Msg { return tickMsg{} })
	case eventMsg:
		m.note(heal.Event(msg))
	case doneMsg:
		if m.said = msg.what + ": done"; msg.err != nil {
			m.said = msg.what + ": " + msg.err.Error()
		}
		return m, m.look()
	case storyMsg:
		m.story, m.stories = string(msg), 0
	}
	return m, nil
}

func (m *Model) take(s statusMsg) {
	if s.err != nil {
		m.fault = s.err.Error()
		return
	}
	m.fault, m.status = "", s.status
	m.chosen = min(m.chosen, max(len(s.status.Agents)-1, 0))
	for _, a := range s.status.Agents {
		m.memory[a.Agent] = push(m.memory[a.Agent], a.Process.Memory)
		m.cpu[a.Agent] = push(m.cpu[a.Agent], a.Process.CPU)
	}
}

func push(line []float64, v float64) []float64 {
	line = append(slices.Clone(line), v)
	return line[max(len(line)-points, 0):]
}

// shownKinds are the events that are decisions, or what came of them.
var shownKinds = []heal.EventKind{heal.EventDiagnosed, heal.EventPlanned, heal.EventAttempt, heal.EventOutcome, heal.EventClosed, heal.EventHeld, heal.EventReleased, heal.EventAsked, heal.EventAlarm, heal.EventCommand}

func (m *Model) note(e heal.Event) {
	if !slices.Contains(shownKinds, e.Kind) {
		return
	}
	line := fmt.Sprintf("%s  %-12s %s", e.At.Wall.Local().Format("15:04:05"), e.Agent, m.Gist(e))
	m.events = append(slices.Clone(m.events), line)
	m.events = m.events[max(len(m.events)-lastEvents, 0):]
}
