package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// checkDepends finds references to agents that are not there, and cycles.
func checkDepends(agents []Agent, outside []Dependency) hcl.Diagnostics {
	var diags hcl.Diagnostics
	byName := map[string]Agent{}
	var names []string
	declared := map[string]bool{}
	for _, a := range agents {
		byName[a.Name], declared[a.Name] = a, true
		names = append(names, a.Name)
	}
	for _, d := range outside {
		if _, ok := byName[d.Name]; ok {
			diags = append(diags, Problem(byName[d.Name].Range, fmt.Sprintf("an agent and a dependency are both named %q", d.Name), "give one of them another name"))
		}
		names, declared[d.Name] = append(names, d.Name), true
	}
	for _, a := range agents {
		for _, name := range a.Heal.DependsOn {
			if !declared[name] && len(diags) < maxProblems {
				diags = append(diags, Problem(a.DependsRange, fmt.Sprintf("agent %q depends on %q, which is not defined", a.Name, name), Suggest(name, names)))
			}
		}
	}
	for _, a := range agents {
		for _, alt := range a.Alternatives {
			if alt.Primary != "" && !slices.ContainsFunc(outside, func(d Dependency) bool { return d.Name == alt.Primary }) {
				diags = append(diags, Problem(a.Range, fmt.Sprintf("alternative %q waits for %q, which is no dependency", alt.Name, alt.Primary), "declare a dependency block of that name"))
			}
		}
	}
	for _, path := range circles(agents, byName) {
		diags = append(diags, Problem(byName[path[0]].DependsRange, "agents depend on one another in a circle: "+strings.Join(append(path, path[0]), " -> "), "remove one of these dependencies"))
	}
	return diags
}

// circles finds circles of dependencies, each from its first name in the alphabet: every agent
// is walked through once, so of circles that share agents some may be left for the next time.
func circles(agents []Agent, byName map[string]Agent) (found [][]string) {
	const walking, walked = 1, 2
	state := map[string]int{}
	var path []string
	var walk func(name string)
	walk = func(name string) {
		switch state[name] {
		case walked:
			return
		case walking:
			circle := slices.Clone(path[slices.Index(path, name):])
			first := slices.Index(circle, slices.Min(circle))
			found = append(found, slices.Concat(circle[first:], circle[:first]))
			return
		}
		state[name] = walking
		path = append(path, name)
		for _, next := range byName[name].Heal.DependsOn {
			walk(next)
		}
		path, state[name] = path[:len(path)-1], walked
	}
	for _, a := range agents {
		walk(a.Name)
	}
	return found
}

// StopOrder lists agents in waves: each wave may be stopped once the waves before
// it are down, because nobody that runs depends on it then.
func StopOrder(agents []Agent) [][]string {
	left := map[string]Agent{}
	for _, a := range agents {
		left[a.Name] = a
	}
	var waves [][]string
	for len(left) > 0 {
		wave := free(agents, left)
		if len(wave) == 0 {
			break // a circle; decode refuses those
		}
		for _, name := range wave {
			delete(left, name)
		}
		waves = append(waves, wave)
	}
	return waves
}

// free lists the agents that are left and that no other of them depends on.
func free(agents []Agent, left map[string]Agent) []string {
	needed := map[string]bool{}
	for _, a := range left {
		for _, name := range a.Heal.DependsOn {
			needed[name] = true
		}
	}
	var names []string
	for _, a := range agents {
		if _, here := left[a.Name]; here && !needed[a.Name] {
			names = append(names, a.Name)
		}
	}
	return names
}
