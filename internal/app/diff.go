package app

import (
	"reflect"
	"slices"
	"strings"
)

// difference is what a new policy changes.
type difference struct {
	added, removed []string
	// renewed are started anew: how they are started has changed. changed keep
	// running.
	renewed, changed []string
	// words name the changed parts by agent.
	words map[string][]string
	// notify says that people are told otherwise, outside that other things outside are
	// asked, host that what holds for all together is different.
	notify, outside, host bool
}

// compare says what is different in the second policy.
func compare(before, after []checked) difference {
	d := difference{words: map[string][]string{}}
	known := map[string]checked{}
	for _, a := range before {
		known[a.agent.Name] = a
	}
	for _, a := range after {
		name := a.agent.Name
		old, ok := known[name]
		delete(known, name)
		switch words, start := parts(old, a); {
		case !ok:
			d.added = append(d.added, name)
		case !reflect.DeepEqual(old.agent.Attach, a.agent.Attach):
			d.removed, d.added = append(d.removed, name), append(d.added, name)
		case start:
			d.renewed, d.words[name] = append(d.renewed, name), words
		case len(words) > 0:
			d.changed, d.words[name] = append(d.changed, name), words
		}
	}
	for _, a := range before {
		if _, gone := known[a.agent.Name]; gone {
			d.removed = append(d.removed, a.agent.Name)
		}
	}
	return d
}

// parts names what differs between two versions of an agent, and says whether it
// takes a start to put it in force.
func parts(a, b checked) (words []string, start bool) {
	one, other := a.agent, b.agent
	note := func(same, starts bool, word string) {
		if !same {
			words, start = append(words, word), start || starts
		}
	}
	note(slices.Equal(one.Command, other.Command), true, "command")
	note(reflect.DeepEqual(one.Env, other.Env), true, "env")
	note(one.Dir == other.Dir, true, "dir")
	note(one.TTY == other.TTY, true, "tty")
	note(one.Limits == other.Limits, false, "limits (from its next start)")
	note(one.Stop == other.Stop, false, "stop")
	note(one.OnSidecarExit == other.OnSidecarExit, false, "on_sidecar_exit")
	note(one.Output == other.Output, false, "output")
	note(one.Ready == other.Ready, false, "ready")
	note(sameSpec(a, b), false, "detect")
	note(slices.Equal(one.Credentials, other.Credentials), false, "credentials (from the next start of the sidecar; healer-sidecar upgrade makes one)")
	note(one.Isolate.Namespace == other.Isolate.Namespace, true, "namespace")
	one.Isolate.Namespace = other.Isolate.Namespace // named by itself
	note(reflect.DeepEqual(one.Isolate, other.Isolate), false, "isolate")
	note(one.SafePoint == other.SafePoint, false, "safe_point")
	note(reflect.DeepEqual(one.Remedies, other.Remedies), false, "remedies")
	note(reflect.DeepEqual(one.Heal, other.Heal), false, "heal")
	return words, start
}

// sameSpec compares what is detected, not where it stands in the policy.
func sameSpec(a, b checked) bool {
	one, other := a.spec, b.spec
	one.Ready, one.Output = other.Ready, other.Output // named by themselves
	return one.Same(other)
}

func (d difference) empty() bool {
	return len(d.added)+len(d.removed)+len(d.renewed)+len(d.changed) == 0 && !d.notify && !d.outside && !d.host
}

func (d difference) String() string {
	var all []string
	say := func(verb string, names []string) {
		for _, name := range names {
			line := verb + " " + name
			if words := d.words[name]; len(words) > 0 {
				line += " (" + strings.Join(words, ", ") + ")"
			}
			all = append(all, line)
		}
	}
	say("remove", d.removed)
	say("add", d.added)
	say("start anew", d.renewed)
	say("change", d.changed)
	if d.notify {
		all = append(all, "change notify")
	}
	if d.outside {
		all = append(all, "change dependency")
	}
	if d.host {
		all = append(all, "change host")
	}
	if len(all) == 0 {
		return "nothing changed"
	}
	return strings.Join(all, "; ")
}
