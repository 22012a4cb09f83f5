package classify

import (
	"flag"
	"os"
	"testing"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/match"
)

var update = flag.Bool("update", false, "write the tables of the built-in rules")

// TestTheTablesAreOfTheRules: what was derived when the program was built is what its rules give.
func TestTheTablesAreOfTheRules(t *testing.T) {
	want := compileBuiltin(rules.Builtin()).Tables()
	if *update {
		if err := os.WriteFile("builtin.bin", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(want) != builtinTables {
		t.Error("builtin.bin is not of these rules: run go generate ./internal/classify")
	}
	if _, ok := match.Load(patterns(rules.Builtin()), builtinTables); !ok {
		t.Error("builtin.bin is not used: the rules are compiled whenever the sidecar starts")
	}
}
