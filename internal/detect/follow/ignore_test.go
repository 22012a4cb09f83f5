package follow

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSelection(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		".gitignore":     "# made\nout/\n*.gen.py\n!keep.gen.py\n/top.txt\ndocs/**/draft?.md\n[ab].txt\n\\#hash\n",
		"sub/.gitignore": "local.py\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := Selection{}
	git.git(root, ".")
	git.git(root, "sub")
	chosen, err := Select([]string{"*.py", "conf/*.toml"}, []string{"test_*.py", "vendor/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    *Selection
		path string
		want bool
	}{
		{&git, "main.py", true}, {&git, "out/x.py", false}, {&git, "deep/out/x.py", false}, {&git, "x.gen.py", false},
		{&git, "deep/keep.gen.py", true}, {&git, "top.txt", false}, {&git, "deep/top.txt", true},
		{&git, "docs/a/b/draft1.md", false}, {&git, "docs/draft1.md", false}, {&git, "docs/draft12.md", true},
		{&git, "a.txt", false}, {&git, "c.txt", true}, {&git, "#hash", false},
		{&git, "sub/local.py", false}, {&git, "sub/deep/local.py", false}, {&git, "local.py", true},
		{&git, "app.log", false}, {&git, "node_modules/x", true}, // its folder is not watched at all
		{&chosen, "main.py", true}, {&chosen, "deep/main.py", true}, {&chosen, "test_main.py", false},
		{&chosen, "vendor/x.py", false}, {&chosen, "conf/a.toml", true}, {&chosen, "a.toml", false}, {&chosen, "README.md", false},
	} {
		if got := c.s.wants(c.path, false); got != c.want {
			t.Errorf("%s: got %v", c.path, got)
		}
	}
	if git.wants("out", true) || !git.wants("out", false) {
		t.Error("a rule for folders is for files too")
	}
	if _, err := Select(nil, []string{"[z-a]"}); err == nil {
		t.Error("an invalid pattern was accepted")
	}
}
