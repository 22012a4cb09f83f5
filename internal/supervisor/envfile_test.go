package supervisor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestEnvFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := file("one", "# a comment\nexport A=1\nB='two words' # and another\nC=\n")
	two := file("two", "A=later\n")
	got, err := readEnvFiles([]string{one, two})
	if want := map[string]string{"A": "later", "B": "two words", "C": ""}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := readEnvFiles([]string{filepath.Join(dir, "none")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file is %v", err)
	}
	_, err = readEnvFiles([]string{file("bad", "SECRET hunter2\n")})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "bad") {
		t.Errorf("a bad file is %v", err)
	}
}
