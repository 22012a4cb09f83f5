package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// treeRead returns what a tree hands out now, a line each, with the path below root.
func treeRead(t *testing.T, tree *Tree, root string) (got []string) {
	t.Helper()
	err := tree.Read(func(path string, block []byte) {
		for line := range Split(block) {
			got = append(got, strings.TrimPrefix(path, root+"/")+" "+string(line))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestTreeFollowsFoldersThatCome(t *testing.T) {
	root := t.TempDir()
	put(t, root+"/projects/a/old.jsonl", "{\"n\":1}\n")
	put(t, root+"/projects/a/notes.txt", "no record\n")
	tree := OpenTree(root + "/projects/*/*.jsonl")
	defer tree.Close()
	steps := []struct {
		path, text string
		want       []string
	}{
		{"", "", []string{`projects/a/old.jsonl {"n":1}`}},
		{"projects/a/old.jsonl", "{\"n\":2}\n", []string{`projects/a/old.jsonl {"n":2}`}},
		{"projects/b/new.jsonl", "{\"n\":3}\n{\"torn", []string{`projects/b/new.jsonl {"n":3}`}},
		{"projects/b/new.jsonl", "\":4}\n", []string{`projects/b/new.jsonl {"torn":4}`}},
	}
	for _, s := range steps {
		if s.path != "" {
			put(t, filepath.Join(root, s.path), s.text)
		}
		tree.stale.Store(true)
		for _, f := range tree.leaves {
			f.noted("")
		}
		if got := treeRead(t, tree, root); fmt.Sprint(got) != fmt.Sprint(s.want) {
			t.Errorf("after %q: read %q, want %q", s.text, got, s.want)
		}
	}
}

func TestTreeBeginsNearTheEndOfLongFiles(t *testing.T) {
	root := t.TempDir()
	line := `{"text":"` + strings.Repeat("x", 1000) + "\"}\n"
	put(t, root+"/s/1/long.jsonl", strings.Repeat(line, 500)+"{\"last\":true}\n")
	put(t, root+"/s/1/stale.jsonl", line)
	long := time.Now().Add(-2 * fresh)
	if err := os.Chtimes(root+"/s/1/stale.jsonl", long, long); err != nil {
		t.Fatal(err)
	}
	tree := OpenTree(root + "/s/*/*.jsonl")
	defer tree.Close()
	got := treeRead(t, tree, root)
	if len(got) < 2 || len(got) > treeTail/len(line)+2 || got[len(got)-1] != `s/1/long.jsonl {"last":true}` {
		t.Errorf("%d records, the last is %.60q", len(got), got[max(len(got)-1, 0)])
	}
	for _, g := range got {
		if strings.Contains(g, "stale") || !strings.HasSuffix(g, "}") {
			t.Errorf("read %.60q", g)
		}
	}
}

func TestTreeTakesARelativePattern(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	put(t, "chat.jsonl", "{\"n\":1}\n")
	tree := OpenTree("chat.jsonl")
	defer tree.Close()
	if got := treeRead(t, tree, root); len(got) != 1 || got[0] != `chat.jsonl {"n":1}` {
		t.Errorf("read %q", got)
	}
}
