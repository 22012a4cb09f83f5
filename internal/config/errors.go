package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Error is a policy that cannot be used. It is reported as its first problem; the
// others are kept for `validate`.
type Error struct{ Problems hcl.Diagnostics }

// remedies replace what the parser advises where it is hard to understand.
var remedies = map[string]string{
	"Invalid single-argument block definition": "a block on one line holds one argument; give every argument a line of its own",
}

// asError returns an Error for diagnostics that hold one, else nil.
func asError(diags hcl.Diagnostics) error {
	var wrong hcl.Diagnostics
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if remedy, ok := remedies[d.Summary]; ok {
			d.Detail = remedy
		}
		wrong = append(wrong, d)
	}
	if len(wrong) == 0 {
		return nil
	}
	return &Error{wrong}
}

// Wrong returns an Error for diagnostics that were found after loading, else nil.
func Wrong(diags hcl.Diagnostics) error { return asError(diags) }

// Error names the place and the problem.
func (e *Error) Error() string {
	more := ""
	if n := len(e.Problems) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more; healer-sidecar validate lists all)", n)
	}
	return "cannot use policy: " + Line(e.Problems[0]) + more
}

// Hint is the remedy for the first problem.
func (e *Error) Hint() string { return flat(e.Problems[0].Detail) }

// Line is one problem as FILE:LINE:COLUMN: what.
func Line(d *hcl.Diagnostic) string {
	if d.Subject == nil {
		return flat(d.Summary)
	}
	return fmt.Sprintf("%s:%d:%d: %s", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column, flat(strings.TrimSuffix(d.Summary, ".")))
}

// flat keeps a message on one line and free of control bytes that a policy could
// smuggle to the terminal.
func flat(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20 || r == 0x7f:
			return -1
		}
		return r
	}, s)
}
