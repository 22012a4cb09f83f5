package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWhereTheStateIsIsReadFromABrokenPolicy: nothing else of it matters for that.
func TestWhereTheStateIsIsReadFromABrokenPolicy(t *testing.T) {
	for text, want := range map[string]string{
		"state_dir = \"/var/x\"\nagent \"a\" {\n":                             "/var/x",
		"agent \"a\" { command = [\"true\" }\n\n  state_dir=\"st\"\n":         "HERE/st",
		"# state_dir = \"/no\"\nagent {{{{":                                   "",
		"state_dir = \"/a/${\"b\"}\"\nagent \"a\" { command = [\"true\"] }\n": "/a/b",
		"state_dir = \"/a/${b\nagent":                                         "",
		"nonsense \x00 = (((":                                                 "",
		"":                                                                    "",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "p.hcl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if len(want) > 4 && want[:4] == "HERE" {
			want = dir + want[4:]
		}
		for _, p := range []string{path, dir} {
			if got := StateDirOf(p); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
	if got := StateDirOf("/no/such/policy.hcl"); got != "" {
		t.Errorf("a policy that is gone: %q", got)
	}
}
