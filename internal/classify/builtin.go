package classify

import (
	_ "embed"
	"fmt"
	"sync"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/match"
)

//go:generate go test -count=1 -run ^TestTheTablesAreOfTheRules$ . -update

// builtinTables are what the built-in rules need, derived when this program was built.
//
//go:embed builtin.bin
var builtinTables string

// known are the built-in rules and their patterns.
type known struct {
	rules    []rules.Rule
	compiled match.Compiled
}

// builtin are shared by all classifiers.
var builtin = sync.OnceValue(func() known {
	all := rules.Builtin()
	if c, ok := match.Load(patterns(all), builtinTables); ok {
		return known{all, c}
	}
	return known{all, compileBuiltin(all)} // somebody changes rules and has not generated the tables yet
})

// compileBuiltin derives everything from the expressions. A test compiles them.
func compileBuiltin(all []rules.Rule) match.Compiled {
	c, err := match.Compile(patterns(all))
	if err != nil {
		panic(fmt.Sprintf("cannot compile the built-in rules: %v", err))
	}
	return c
}
