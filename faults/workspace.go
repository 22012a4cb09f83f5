package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// hostileWorkspace lets the sidecar keep and put back a tree that leads out of itself.
func hostileWorkspace(l *testlab.Lab) (string, error) {
	outside, work := l.Path("outside"), l.Path("work")
	if err := layTraps(outside, work); err != nil {
		return "", err
	}
	special := syscall.Mknod(filepath.Join(work, "device"), syscall.S_IFCHR|0o600, 1<<8|3) == nil
	if err := l.Start(shell(l, "while :; do sleep 0.1; done", "  snapshot \"state\" {\n    paths = [\"work\"]\n    after = \"1h\"\n  }\n")); err != nil {
		return "", err
	}
	before := fingerprint(outside)
	if out, err := l.Verb("snapshots", "take", "a"); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	for _, step := range []error{
		os.WriteFile(filepath.Join(work, "file"), []byte("bad"), 0o644),
		os.RemoveAll(filepath.Join(work, "deep")),
		os.Symlink(outside, filepath.Join(work, "deep")), // what was a folder leads out now
	} {
		if step != nil {
			return "", step
		}
	}
	if out, err := l.Verb("snapshots", "restore", "a"); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	if b, _ := os.ReadFile(filepath.Join(work, "file")); string(b) != "good" {
		return "", fmt.Errorf("the tree holds %q", b)
	}
	if after := fingerprint(outside); after != before {
		return "", fmt.Errorf("what is outside was %s and is %s", before, after)
	}
	if info, err := os.Lstat(filepath.Join(work, "deep", "setuid")); err != nil || info.Mode()&os.ModeSetuid != 0 {
		return "", fmt.Errorf("setuid came back: %v, %v", info, err)
	}
	list, err := l.Verb("snapshots", "list", "a", "--json")
	if err != nil || !strings.Contains(list, "fifo") || special && !strings.Contains(list, "device") {
		return "", fmt.Errorf("what was left out is not listed: %w: %s", err, list)
	}
	if err := doctored(l); err != nil {
		return "", err
	}
	if after := fingerprint(outside); after != before {
		return "", fmt.Errorf("a doctored manifest changed what is outside: %s, %s", before, after)
	}
	return "put back; nothing outside created, changed or renamed; what is no file is listed; a doctored manifest refused", nil
}

// layTraps fills a folder with all that leads out of it.
func layTraps(outside, work string) error {
	for _, dir := range []string{outside, filepath.Join(work, "deep")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	steps := []error{
		os.WriteFile(filepath.Join(outside, "precious"), []byte("precious"), 0o644),
		os.WriteFile(filepath.Join(work, "file"), []byte("good"), 0o644),
		os.WriteFile(filepath.Join(work, "deep", "setuid"), []byte("good"), 0o755),
		os.Chmod(filepath.Join(work, "deep", "setuid"), os.ModeSetuid|0o755),
		os.Symlink(outside, filepath.Join(work, "out")),
		os.Symlink("../outside/precious", filepath.Join(work, "deep", "link")),
		os.Link(filepath.Join(outside, "precious"), filepath.Join(work, "hard")),
		syscall.Mkfifo(filepath.Join(work, "fifo"), 0o600),
		os.WriteFile(filepath.Join(work, "odd\nname"), []byte("odd"), 0o600),
	}
	for _, err := range steps {
		if err != nil {
			return err
		}
	}
	return nil
}

// doctored lets the manifest name what lies outside.
func doctored(l *testlab.Lab) error {
	all, _ := filepath.Glob(filepath.Join(l.State(), "snapshots", "a", "state", "gen-*", "manifest.json"))
	if len(all) == 0 {
		return fmt.Errorf("no manifest")
	}
	b, err := os.ReadFile(all[0])
	if err != nil {
		return err
	}
	text := strings.Replace(string(b), `"file"`, `"../outside/precious"`, 1)
	if text == string(b) {
		return fmt.Errorf("no file in the manifest: %s", b)
	}
	if err := os.WriteFile(all[0], []byte(text), 0o600); err != nil {
		return err
	}
	if out, err := l.Verb("snapshots", "restore", "a"); err == nil {
		return fmt.Errorf("a doctored manifest is put back: %s", out)
	}
	return nil
}

// fingerprint is what a folder holds, with owners, modes and times.
func fingerprint(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		info, statErr := os.Lstat(path)
		if err != nil || statErr != nil {
			fmt.Fprintf(&b, "%s: %v %v;", path, err, statErr)
			return nil
		}
		stat, _ := info.Sys().(*syscall.Stat_t)
		text := []byte{}
		if info.Mode().IsRegular() {
			text, _ = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%s %s %d %d %s %q;", path, info.Mode(), stat.Uid, stat.Gid, info.ModTime().Format(time.RFC3339Nano), text)
		return nil
	})
	return b.String()
}
