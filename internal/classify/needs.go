package classify

import (
	"slices"
	"strings"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

const (
	// mostMissing and mostNameLen bound the names of what is missing.
	mostMissing, mostNameLen = 4, 512
	// AddressInUse is the rule of a port that somebody else has.
	AddressInUse = "address-in-use"
)

var (
	// absent says of what a line names that it is not there.
	absent = match.Lazy(`(?i)no such file|not found|does(?:n't| not) exist|cannot (?:find|open|access|stat|load)|can't (?:find|open|load)|could not (?:find|open|load)|\bENOENT\b|\bmissing\b`)
	// absentProgram is a program that a shell or a runtime did not find by its name.
	absentProgram = match.Lazy(`(?:^|: )([\w.+-]+): (?:command )?not found|exec: "([\w.+-]+)": executable file not found|spawn ([\w.+-]+) ENOENT|No such file or directory: '([\w.+-]+)'`)
	// pathIn is a path; quotedFile is the name of a file in quotes.
	pathIn     = match.Lazy(`(?:^|[\s'"` + "`" + `(=:])((?:~|\.{1,2})?/[\w.@+-]+(?:/[\w.@+-]+)*|[\w.@+-]+(?:/[\w.@+-]+)+)`)
	quotedFile = match.Lazy(`['"` + "`" + `]([\w@+-][\w.@+-]*\.\w{1,8})['"` + "`" + `]`)
)

// needs takes down what a line of a dead run that a rule knows says it could not have.
func (r *reading) needs(line, rule string) {
	if rule == AddressInUse {
		for _, m := range portAt().FindAllStringSubmatch(line, -1) {
			r.needed.Ports = appendPort(r.needed.Ports, m[1])
		}
		return
	}
	if !absent().MatchString(line) {
		return
	}
	for _, m := range absentProgram().FindAllStringSubmatch(line, -1) {
		r.lacks(strings.Join(m[1:], ""))
	}
	for _, m := range slices.Concat(pathIn().FindAllStringSubmatch(line, -1), quotedFile().FindAllStringSubmatch(line, -1)) {
		r.lacks(strings.TrimRight(m[1], ".:"))
	}
}

// lacks adds the name of something that is missing.
func (r *reading) lacks(name string) {
	if name == "" || len(name) > mostNameLen || len(r.needed.Missing) == mostMissing || redact.Text(name) != name {
		return
	}
	if !slices.Contains(r.needed.Missing, name) {
		r.needed.Missing = append(r.needed.Missing, name)
	}
}

// wants is what the run could not have; nil for nothing.
func (r *reading) wants() *heal.Needs {
	if len(r.needed.Ports)+len(r.needed.Missing) == 0 {
		return nil
	}
	return &r.needed
}
