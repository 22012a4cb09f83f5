package rules

import (
	"strings"
	"sync"
)

// synonyms are ways to say the same. An expression of ours names them in angle brackets, so that
// it does not know some of them and miss the others.
var synonyms = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer(
		"<cannot>", `(?:cannot|can(?: no|')t|could(?: not|n't)|(?:un|not )able to|fail(?:ed|s|ure) to)`,
		"<absent>", `(?:not found|missing|do(?:es)?(?: not|n't) exist|(?:can(?:no|')t|could(?: not|n't)) be found|no longer exists)`,
		"<invalid>", `(?:invalid|malformed|illegal|ill-formed|not (?:a )?valid)`,
		"<unknown>", `(?:unknown|unrecogni[sz]ed|unsupported|unexpected|undefined)`,
		"<limit>", `(?:limits?|maxim(?:um|a)|quotas?|caps?|ceilings?|allowances?|budgets?)`,
		"<passed>", `(?:exceed(?:ed|s|ing)?|reach(?:ed|es)|surpass(?:ed|es)|exhausted|used up|breached|overrun)`,
		"<denied>", `(?:denied|refused|rejected|blocked|forbidden|disallowed|prohibited|vetoed|not (?:allowed|permitted|authori[sz]ed|granted))`,
	)
})

// Expand puts the ways to say something in the place of its name in angle brackets.
func Expand(expr string) string { return synonyms().Replace(expr) }
