package watch

import (
	"fmt"
	"math"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"healer-sidecar/internal/heal"
)

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	good  = lipgloss.NewStyle().Foreground(lipgloss.Color("2"))
	warn  = lipgloss.NewStyle().Foreground(lipgloss.Color("3"))
	bad   = lipgloss.NewStyle().Foreground(lipgloss.Color("1")).Bold(true)
	mark  = lipgloss.NewStyle().Reverse(true)
)

// View is the screen.
func (m Model) View() tea.View {
	v := tea.NewView(m.text())
	v.AltScreen, v.WindowTitle = true, "healer-sidecar"
	return v
}

func (m Model) text() string {
	if m.story != "" {
		return m.viewStory()
	}
	lines := []string{m.head()}
	lines = append(lines, m.agents()...)
	lines = append(lines, "", bold.Render("Latest decisions"))
	if len(m.events) == 0 {
		lines = append(lines, faint.Render("nothing has failed yet"))
	}
	lines = append(lines, m.events...)
	lines = append(lines, "", m.foot())
	for i, l := range lines {
		lines[i] = lipgloss.NewStyle().MaxWidth(m.width).Render(l)
	}
	return strings.Join(lines[:min(len(lines), max(m.height, 1))], "\n")
}

func (m Model) head() string {
	if m.fault != "" {
		return bad.Render("not connected: " + m.fault)
	}
	s := m.status
	head := fmt.Sprintf("healer-sidecar %s, up %s, %d agents", s.Version, s.Uptime.Round(time.Second), len(s.Agents))
	for _, w := range []struct {
		is   bool
		text string
	}{{s.Paused, "PAUSED"}, {s.Storm != "", "STORM"}, {s.Journal != "", "JOURNAL DEGRADED"}, {s.Policy != "", "POLICY REFUSED"}} {
		if w.is {
			head += "  " + bad.Render(w.text)
		}
	}
	return bold.Render(head)
}

func (m Model) agents() []string {
	lines := []string{faint.Render(fmt.Sprintf("  %-18s %-10s %5s %8s  %-*s %9s  %-*s %5s  %s", "AGENT", "HEALTH", "RUNS", "UPTIME", points, "MEMORY", "", points, "CPU", "", "INCIDENT"))}
	for i, a := range m.status.Agents {
		line := fmt.Sprintf("%-18.18s %s %5d %8s  %s %9s  %s %4.0f%%  %s", a.Agent, health(a), a.Runs, a.Uptime.Round(time.Second), spark(m.memory[a.Agent]), size(a.Process.Memory), spark(m.cpu[a.Agent]), a.Process.CPU, incident(a))
		if i == m.chosen {
			line = mark.Render(">") + " " + line
		} else {
			line = "  " + line
		}
		lines = append(lines, line)
	}
	return lines
}

func health(a heal.AgentStatus) string {
	style := warn
	switch a.Health {
	case "healthy":
		style = good
	case "held", "gave_up":
		style = bad
	case "stopped", "finished", "starting", "waiting":
		style = faint
	}
	return style.Render(fmt.Sprintf("%-10.10s", a.Health))
}

func incident(a heal.AgentStatus) string {
	text := strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Incident, a.Type, a.Strategy))
	if a.Hold != "" {
		text += " held: " + a.Hold
	}
	if len(a.Foreseen) > 0 {
		text += " " + a.Foreseen[0]
	}
	return text
}

// bars are eighths of a line of text.
var bars = []rune(" ▁▂▃▄▅▆▇█")

// spark draws readings as a line of bars, the greatest being full.
func spark(values []float64) string {
	top := 0.0
	for _, v := range values {
		top = math.Max(top, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", points-len(values)))
	for _, v := range values {
		at := 0
		if top > 0 && v > 0 {
			at = max(int(math.Round(v/top*float64(len(bars)-1))), 1)
		}
		b.WriteRune(bars[at])
	}
	return b.String()
}

func size(bytes float64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f MiB", bytes/(1<<20))
}

func (m Model) foot() string {
	switch {
	case m.asking != nil:
		return bad.Render(fmt.Sprintf("%s %s%s? y does it, any other key leaves it", m.asking.Command, m.asking.Agent, m.asking.Incident))
	case m.said != "":
		return m.said
	}
	return faint.Render("↑↓ choose  e explain  s start  t stop  r restart  h hold  i isolate  l release  a approve  x refuse  k ack  q quit")
}

// viewStory is a story, page by page.
func (m Model) viewStory() string {
	lines := strings.Split(strings.TrimRight(m.story, "\n"), "\n")
	from := min(m.stories, max(len(lines)-1, 0))
	page := lines[from:min(from+max(m.height-2, 1), len(lines))]
	return strings.Join(append(page, "", faint.Render("↑↓ move  esc back")), "\n")
}
