package actions

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

const (
	// maxDeaths bounds how many deaths of an agent are remembered, maxItems how many names
	// of work items are looked for, leastItem how short one may be.
	maxDeaths, maxItems, leastItem = 20, 10_000, 3
)

// death is the end of a run, with its last lines.
type death struct {
	fingerprint string
	lines       []string
}

// Deaths remembers the last words of agents, to find what kills them. It is safe for
// concurrent use.
type Deaths struct {
	mu sync.Mutex // guards all
	of map[string][]death
}

// Died takes the last lines of a run.
func (d *Deaths) Died(agent string, lines []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[string][]death{}
	}
	list := append(d.of[agent], death{lines: lines})
	d.of[agent] = list[max(len(list)-maxDeaths, 0):]
}

// Diagnosed says what the latest death was of.
func (d *Deaths) Diagnosed(agent, fingerprint string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if list := d.of[agent]; len(list) > 0 {
		list[len(list)-1].fingerprint = fingerprint
	}
}

// last are the latest deaths of one failure, at most so many.
func (d *Deaths) last(agent, fingerprint string, most int) []death {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []death
	for _, one := range slices.Backward(d.of[agent]) {
		if one.fingerprint == fingerprint && len(all) < most {
			all = append(all, one)
		}
	}
	return all
}

// quarantine moves the work item away that was named last before each of so many deaths of
// the same failure.
func (r *Runner) quarantine(agent config.Agent, c config.Compensate, a heal.Attempt) (string, error) {
	if a.Fingerprint == "" {
		return "", nil
	}
	deaths := r.Deaths.last(agent.Name, a.Fingerprint, c.Deaths)
	if len(deaths) < c.Deaths {
		return "", nil
	}
	items, err := items(c.Input)
	if err != nil {
		return "", err
	}
	culprit := ""
	for _, d := range deaths {
		name := lastNamed(d.lines, items)
		if name == "" || culprit != "" && name != culprit {
			return "", nil
		}
		culprit = name
	}
	what, err := moveAside(filepath.Join(c.Input, culprit), c.To)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s was named last before %d deaths: %s", culprit, len(deaths), what), nil
}

// items are the names of what waits to be worked on.
func items(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read input: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(maxItems)
	if err != nil && len(names) == 0 {
		return nil, nil // an empty folder
	}
	return slices.DeleteFunc(names, func(n string) bool { return len(n) < leastItem || strings.HasPrefix(n, ".") }), nil
}

// lastNamed is the item that stands last in the lines; of several in one line the one that
// stands last, and of names in one another the longest.
func lastNamed(lines, items []string) string {
	for _, line := range slices.Backward(lines) {
		best, end := "", -1
		for _, name := range items {
			if at := lastWord(line, name); at >= 0 && (at+len(name) > end || at+len(name) == end && len(name) > len(best)) {
				best, end = name, at+len(name)
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

// lastWord is where a name stands last in a line as a word of its own; -1 when it does not.
func lastWord(line, name string) int {
	for end := len(line); ; {
		at := strings.LastIndex(line[:end], name)
		if at < 0 {
			return -1
		}
		after := at + len(name)
		if (at == 0 || !inName(line[at-1])) && (after == len(line) || !inName(line[after])) {
			return at
		}
		end = at + len(name) - 1
	}
}

// inName reports that a byte would make a longer name.
func inName(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '-' || b >= 0x80
}
