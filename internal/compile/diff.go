package compile

import (
	"reflect"
	"slices"
	"strings"
)

// Difference is what a new policy changes.
type Difference struct {
	Added, Removed []string
	// Renewed are restarted: how they are started has changed. changed keep
	// running.
	Renewed, changed []string
	// words name the changed parts by agent.
	words map[string][]string
	// Notify says that the ways to notify people have changed, outside that other things outside are
	// asked, host that what holds for all together is different.
	Notify, Outside, Host bool
}

// Compare says what is different in the second policy.
func Compare(before, after []Agent) Difference {
	d := Difference{words: map[string][]string{}}
	known := map[string]Agent{}
	for _, a := range before {
		known[a.Agent.Name] = a
	}
	for _, a := range after {
		name := a.Agent.Name
		old, ok := known[name]
		delete(known, name)
		switch words, start := parts(old, a); {
		case !ok:
			d.Added = append(d.Added, name)
		case !reflect.DeepEqual(old.Agent.Attach, a.Agent.Attach):
			d.Removed, d.Added = append(d.Removed, name), append(d.Added, name)
		case start:
			d.Renewed, d.words[name] = append(d.Renewed, name), words
		case len(words) > 0:
			d.changed, d.words[name] = append(d.changed, name), words
		}
	}
	for _, a := range before {
		if _, gone := known[a.Agent.Name]; gone {
			d.Removed = append(d.Removed, a.Agent.Name)
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
func parts(a, b Agent) (words []string, start bool) {
	one, other := a.Agent, b.Agent
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
func sameSpec(a, b Agent) bool {
	one, other := a.Spec, b.Spec
	one.Ready, one.Output = other.Ready, other.Output // named by themselves
	return one.Same(other)
}

func (d Difference) Empty() bool {
	return len(d.Added)+len(d.Removed)+len(d.Renewed)+len(d.changed) == 0 && !d.Notify && !d.Outside && !d.Host
}

func (d Difference) String() string {
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
	say("remove", d.Removed)
	say("add", d.Added)
	say("start anew", d.Renewed)
	say("change", d.changed)
	if d.Notify {
		all = append(all, "change notify")
	}
	if d.Outside {
		all = append(all, "change dependency")
	}
	if d.Host {
		all = append(all, "change host")
	}
	if len(all) == 0 {
		return "nothing changed"
	}
	return strings.Join(all, "; ")
}
