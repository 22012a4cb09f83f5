package detect

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
)

// TestWhatThereIsOnceIsGivenOnce: of two blocks with different labels the last must not win in
// silence.
func TestWhatThereIsOnceIsGivenOnce(t *testing.T) {
	for _, kind := range single {
		path := filepath.Join(t.TempDir(), "p.hcl")
		text := "agent \"a\" {\n command = [\"true\"]\n detect \"" + kind + "\" \"one\" {}\n detect \"" + kind + "\" \"two\" {}\n}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := config.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		_, diags := Decode(p.Agents[0])
		twice := func(d *hcl.Diagnostic) bool { return strings.Contains(d.Summary, "given twice") }
		if !slices.ContainsFunc(diags, twice) {
			t.Errorf("%s: %v", kind, diags)
		}
	}
}

// TestSinglesAreKnown: every part of a spec that is no list holds one detector; a kind that fills
// one must be in the list.
func TestSinglesAreKnown(t *testing.T) {
	known := []string{"Agent", "Ready", "Output", "Exit", "Steps", "Sessions"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Spec]()) {
		if f.Type.Kind() != reflect.Slice && !slices.Contains(known, f.Name) {
			t.Errorf("which kind fills %s? Put it into single, and the field into this test", f.Name)
		}
	}
	if len(single) != 3 {
		t.Errorf("%v fill Exit, Steps and Sessions", single)
	}
}
