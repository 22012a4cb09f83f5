package watch

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"healer-sidecar/internal/heal"
)

// sidecar has two agents, and notes what is ordered.
type sidecar struct {
	orders []heal.Order
	fault  error
}

func (s *sidecar) Status(context.Context) (heal.SidecarStatus, error) {
	return heal.SidecarStatus{Version: "v", Storm: "many fail", Agents: []heal.AgentStatus{
		{Agent: "researcher", Health: "healthy", Runs: 3, Process: heal.ProcessStatus{Memory: 100 << 20, CPU: 50}},
		{Agent: "rogue", Health: "held", Incident: "inc-1", Type: heal.SafetyViolation, Hold: "isolated"},
	}}, s.fault
}

func (s *sidecar) Events(_ context.Context, _ uint64, _ bool, each func(heal.Event) bool) error {
	each(heal.Event{Kind: heal.EventDiagnosed, Agent: "rogue"})
	each(heal.Event{Kind: heal.EventSignal, Agent: "rogue"})
	return nil
}

func (s *sidecar) Order(_ context.Context, o heal.Order) error {
	s.orders = append(s.orders, o)
	return nil
}

// press gives keys to a view and carries out what it asks for.
func press(m tea.Model, keys ...string) tea.Model {
	for _, k := range keys {
		msg := tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		switch k {
		case "up":
			msg = tea.KeyPressMsg{Code: tea.KeyUp}
		case "down":
			msg = tea.KeyPressMsg{Code: tea.KeyDown}
		case "esc":
			msg = tea.KeyPressMsg{Code: tea.KeyEscape}
		}
		var cmd tea.Cmd
		if m, cmd = m.Update(msg); cmd != nil {
			m, _ = m.Update(cmd())
		}
	}
	return m
}

func open(s *sidecar) tea.Model {
	m := New(context.Background(), s)
	m.Gist = func(e heal.Event) string { return "it is " + string(e.Kind) }
	m.Explain = func(incident string) string { return "the story of " + incident + strings.Repeat("\nline", 100) }
	var model tea.Model = m
	model, _ = model.Update(m.Init()())
	m.Follow(func(msg tea.Msg) { model, _ = model.Update(msg) })
	return model
}

func TestTheScreenShowsWhatIs(t *testing.T) {
	m := open(&sidecar{})
	m, _ = m.Update(tea.WindowSizeMsg{Width: 200, Height: 40})
	view := m.(Model).text()
	for _, want := range []string{"healer-sidecar v", "STORM", "researcher", "healthy", "100 MiB", "█", "inc-1 safety_violation", "held: isolated", "it is diagnosed", "e explain"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	if strings.Contains(view, "it is signal") {
		t.Error("a signal is no decision")
	}
	small, _ := m.Update(tea.WindowSizeMsg{Width: 40, Height: 5})
	if lines := strings.Split(small.(Model).text(), "\n"); len(lines) > 5 {
		t.Errorf("%d lines on a screen of 5", len(lines))
	}
}

func TestKeysActOnlyAfterYes(t *testing.T) {
	s := &sidecar{}
	m := press(open(s), "down", "l", "n")
	if len(s.orders) != 0 || !strings.Contains(m.(Model).text(), "left as it is") {
		t.Fatalf("ordered %+v", s.orders)
	}
	press(m, "l", "y", "k", "y", "up", "r", "y", "k")
	want := []heal.Order{{Command: heal.CommandRelease, Agent: "rogue"}, {Command: heal.CommandAck, Incident: "inc-1"}, {Command: heal.CommandRestart, Agent: "researcher"}}
	if len(s.orders) != len(want) {
		t.Fatalf("ordered %+v", s.orders)
	}
	for i, o := range s.orders {
		if o.Command != want[i].Command || o.Agent != want[i].Agent || o.Incident != want[i].Incident {
			t.Errorf("ordered %+v, want %+v", o, want[i])
		}
	}
}

func TestAStoryIsReadAndLeft(t *testing.T) {
	m := press(open(&sidecar{}), "down", "e")
	if !strings.Contains(m.(Model).text(), "the story of inc-1") {
		t.Fatalf("it shows\n%s", m.(Model).text())
	}
	m = press(m, "down", "down")
	if strings.Contains(m.(Model).text(), "the story of") {
		t.Error("it does not move")
	}
	if m = press(m, "esc"); !strings.Contains(m.(Model).text(), "AGENT") {
		t.Error("it cannot be left")
	}
}

func TestALostSidecarIsSaid(t *testing.T) {
	s := &sidecar{fault: errors.New("nobody listens")}
	if view := open(s).(Model).text(); !strings.Contains(view, "not connected: nobody listens") {
		t.Errorf("it shows\n%s", view)
	}
}
