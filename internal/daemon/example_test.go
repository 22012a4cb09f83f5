package daemon

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
)

const examplePolicy = "../../config/example.hcl"

// TestExamplePolicyIsValid keeps the file that the documents quote true.
func TestExamplePolicyIsValid(t *testing.T) {
	p, err := config.Load(examplePolicy)
	if err != nil {
		t.Fatal(err)
	}
	if err := compile.Check(p); err != nil {
		t.Fatal(err)
	}
}

// TestExamplePolicyUsesEverything: whoever adds a block, an attribute or a kind
// shows it there.
func TestExamplePolicyUsesEverything(t *testing.T) {
	b, err := os.ReadFile(examplePolicy)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, k := range detect.Kinds {
		if !strings.Contains(text, `detect "`+k.Name+`"`) {
			t.Errorf("the example shows no detect %q", k.Name)
		}
	}
	for _, word := range words(t) {
		if !regexp.MustCompile(`(?m)^\s*(?:# )?\s*` + word + `\s*(=|"|\{)`).MatchString(text) {
			t.Errorf("the example shows no %s", word)
		}
	}
}

// words are the attributes and blocks that the decoders know, from their source.
func words(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, dir := range []string{"../config", "../detect"} {
		paths, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, wordsIn(string(b))...)
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d words were found in the decoders: %v", len(all), all)
	}
	return all
}

var (
	schemas = regexp.MustCompile(`(?:Open\(\w+(?:\.Body)?, |Attributes = )\[\]string\{([^}]*)\}`)
	blocks  = regexp.MustCompile(`BlockType\{(?:Name: )?("\w+")`)
	quoted  = regexp.MustCompile(`"(\w+)"`)
)

func wordsIn(source string) []string {
	var all []string
	for _, expr := range []*regexp.Regexp{schemas, blocks} {
		for _, m := range expr.FindAllStringSubmatch(source, -1) {
			for _, word := range quoted.FindAllStringSubmatch(m[1], -1) {
				all = append(all, word[1])
			}
		}
	}
	return all
}
