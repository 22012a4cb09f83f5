package detect

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

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
		if _, diags := Decode(p.Agents[0]); !strings.Contains(diags.Error(), "given twice") {
			t.Errorf("%s: %v", kind, diags)
		}
	}
}

// TestSinglesAreKnown: every part of a spec that is no list holds one detector; a kind that fills
// one must be in the list.
func TestSinglesAreKnown(t *testing.T) {
	known := []string{"Agent", "Ready", "Output", "Exit", "Steps"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Spec]()) {
		if f.Type.Kind() != reflect.Slice && !slices.Contains(known, f.Name) {
			t.Errorf("which kind fills %s? Put it into single, and the field into this test", f.Name)
		}
	}
	if len(single) != 2 {
		t.Errorf("%v fill Exit and Steps", single)
	}
}
