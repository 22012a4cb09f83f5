package detect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// term is one comparison of a condition.
type term struct {
	name  string
	above bool
	limit float64
}

// condition holds when all terms of one of its groups do.
type condition struct {
	groups       [][]term
	text         string
	failures, of int
	typ          heal.ErrorType
	// held are the last looks.
	held []bool
}

// quantity is something that a condition may compare.
type quantity struct {
	read func(sample) *float64
	// parse reads a limit in the unit of the quantity.
	parse func(string) (float64, error)
	hint  string
}

func bytesOf(s string) (float64, error) {
	n, err := config.ParseSize(s)
	return float64(n), err
}

func secondsOf(s string) (float64, error) {
	d, err := config.ParseDuration(s)
	return d.Seconds(), err
}

func plain(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func value(v float64) *float64 { return &v }

// quantities by the name that a condition uses.
var quantities = map[string]quantity{
	"memory":      {func(m sample) *float64 { return m.usage.Memory }, bytesOf, "1.5GiB"},
	"cpu":         {func(m sample) *float64 { return m.usage.CPU }, config.ParsePercent, "90%"},
	"fds":         {func(m sample) *float64 { return m.usage.FDs }, plain, "900"},
	"pss":         {func(m sample) *float64 { return m.usage.PSS }, bytesOf, "1GiB"},
	"connections": {func(m sample) *float64 { return m.usage.Connections }, plain, "200"},
	"threads":     {func(m sample) *float64 { return m.usage.Threads }, plain, "400"},
	"processes":   {func(m sample) *float64 { return value(float64(m.usage.Processes + m.usage.Zombies)) }, plain, "50"},
	"zombies":     {func(m sample) *float64 { return value(float64(m.usage.Zombies)) }, plain, "200"},
	"quiet":       {func(m sample) *float64 { return value(m.quiet.Seconds()) }, secondsOf, "5m"},
	"uptime":      {func(m sample) *float64 { return value(m.up.Seconds()) }, secondsOf, "1h"},
	"psi_cpu":     {func(m sample) *float64 { return m.pressure.CPU }, config.ParsePercent, "50%"},
	"psi_memory":  {func(m sample) *float64 { return m.pressure.Memory }, config.ParsePercent, "20%"},
	"psi_io":      {func(m sample) *float64 { return m.pressure.IO }, config.ParsePercent, "50%"},
}

// parseCondition reads "memory > 1GiB and psi_memory > 20% or fds > 900": and binds
// tighter than or.
func parseCondition(text string) ([][]term, error) {
	var groups [][]term
	var group []term
	words := strings.Fields(text)
	for i := 0; i < len(words); {
		if i+3 > len(words) {
			return nil, fmt.Errorf("cannot read condition: %q is no comparison", strings.Join(words[i:], " "))
		}
		t, err := parseTerm(words[i], words[i+1], words[i+2])
		if err != nil {
			return nil, err
		}
		group = append(group, t)
		if i += 3; i == len(words) {
			break
		}
		switch words[i] {
		case "or":
			groups, group = append(groups, group), nil
		case "and":
		default:
			return nil, fmt.Errorf("cannot read condition: %q is neither and, nor or, nor the end", words[i])
		}
		if i++; i == len(words) {
			return nil, fmt.Errorf("cannot read condition: it ends with %q", words[i-1])
		}
	}
	if len(group) == 0 {
		return nil, fmt.Errorf("cannot read condition: it is empty")
	}
	return append(groups, group), nil
}

func parseTerm(name, op, value string) (term, error) {
	q, ok := quantities[name]
	if !ok {
		return term{}, fmt.Errorf("cannot read condition: %q is no quantity; %s", name, config.Suggest(name, slices.Sorted(maps.Keys(quantities))))
	}
	if op != ">" && op != "<" {
		return term{}, fmt.Errorf("cannot read condition: %q is no comparison; write > or <", op)
	}
	limit, err := q.parse(value)
	if err != nil {
		return term{}, fmt.Errorf("cannot read condition: %s %s %s: write the value as in %s", name, op, value, q.hint)
	}
	return term{name, op == ">", limit}, nil
}

func decodeCondition(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"when", "failures", "of", "type"})
	c := condition{failures: 1, of: 1, typ: heal.ResourceExhaustion}
	f.Text("when", &c.text)
	var err error
	if c.groups, err = parseCondition(c.text); err != nil && !f.Diags.HasErrors() {
		f.Wrong("when", err.Error(), `write it as in when = "memory > 1GiB and psi_memory > 20% or fds > 900"`)
	}
	f.ReadFailures(&c.failures, &c.of)
	name := string(c.typ)
	f.Choice("type", typeNames(), &name)
	c.typ = heal.ErrorType(name)
	check := Check{
		Name: b.Title(), Witness: heal.WitnessResource,
		begin: func() judge { one := c; return &one },
	}
	check.Pressure = strings.Contains(c.text, "psi_")
	for _, r := range []heal.Resource{heal.FDs, heal.PSS, heal.Connections, heal.Memory} {
		if strings.Contains(c.text, string(r)) {
			check.Resources = append(check.Resources, r)
		}
	}
	s.Checks = append(s.Checks, check)
	return f.Diags
}

// look holds when enough of the last looks did. A look in which something could not be
// read counts neither way.
func (c *condition) look(m sample) finding {
	holds, known := c.holds(m)
	if !known {
		return finding{unknown: true, text: "a part of the condition cannot be read"}
	}
	c.held = append(c.held, holds)
	c.held = c.held[max(len(c.held)-c.of, 0):]
	n := 0
	for _, h := range c.held {
		if h {
			n++
		}
	}
	text := fmt.Sprintf("%s, in %d of %d looks", c.text, n, len(c.held))
	return finding{bad: n >= c.failures, vote: heal.Vote{Type: c.typ, Weight: 0.85, Why: "condition: " + text}, text: text}
}

// holds evaluates the groups; one that holds decides, whatever the others miss.
func (c *condition) holds(m sample) (holds, known bool) {
	known = true
	for _, group := range c.groups {
		all, complete := true, true
		for _, t := range group {
			v := quantities[t.name].read(m)
			complete = complete && v != nil
			all = all && v != nil && (t.above && *v > t.limit || !t.above && *v < t.limit)
		}
		if all {
			return true, true
		}
		known = known && complete
	}
	return false, known
}
