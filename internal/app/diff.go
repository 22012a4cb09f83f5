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

// fieldChange is how a field of an agent is named, and whether it takes a start to put it in force.
type fieldChange struct {
	word   string
	starts bool
}

// fieldChanges are the fields that are named otherwise than in the policy, or take a start. Every
// other field of an agent is compared all the same.
var fieldChanges = map[string]fieldChange{
	"Command": {"command", true}, "Env": {"env", true}, "EnvFiles": {"env_file", true}, "Dir": {"dir", true}, "TTY": {"tty", true}, "Limits": {"limits (from its next start)", false},
	"OnSidecarExit": {"on_sidecar_exit", false}, "SafePoint": {"safe_point", false},
	"Credentials": {"credentials (from the next start of the sidecar; healer-sidecar upgrade makes one)", false},
}

// elsewhere are the fields that say where something stands, or that are compared by themselves.
var elsewhere = []string{"Name", "Attach", "Detects", "Range", "CommandRange", "DirRange", "DependsRange"}

// parts names what differs between two versions of an agent, and says whether it
// takes a start to put it in force.
func parts(a, b checked) (words []string, start bool) {
	one, other := a.agent, b.agent
	if one.Isolate.Namespace != other.Isolate.Namespace {
		words, start = append(words, "namespace"), true
		one.Isolate.Namespace = other.Isolate.Namespace // named by itself
	}
	for _, name := range changedFields(one, other, elsewhere) {
		change, named := fieldChanges[name]
		if !named {
			change.word = strings.ToLower(name)
		}
		words, start = append(words, change.word), start || change.starts
	}
	if !sameSpec(a, b) {
		words = append(words, "detect")
	}
	return words, start
}

// changedFields are the names of the fields in which two values of one struct differ, but for those
// to be skipped. A field that is added to the struct is compared without a change here.
func changedFields(one, other any, skip []string) (names []string) {
	a, b := reflect.ValueOf(one), reflect.ValueOf(other)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if !slices.Contains(skip, name) && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, name)
		}
	}
	return names
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
