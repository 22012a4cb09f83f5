package snapshot

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDiskLeavesTheTreeAsItIs: what cannot be staged touches nothing.
func TestAFullDiskLeavesTheTreeAsItIs(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("no right to mount a small file system here: ", err)
	}
	defer func() { _ = syscall.Unmount(small, 0) }()
	b := newBench(t)
	b.dir, b.snap.Paths = small, []string{filepath.Join(small, "state")}
	b.write("state/one", strings.Repeat("old", 100_000))
	m, _ := b.take()
	b.write("state/one", "now")
	b.write("else", strings.Repeat("x", 900_000))
	if err := restore(b.store, m.Number); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("on a full disk: %v", err)
	}
	if b.read("state/one") != "now" {
		t.Error("the tree was touched")
	}
	if entries, _ := os.ReadDir(small); len(entries) != 2 {
		t.Errorf("it leaves %v", entries)
	}
	b.do(os.Remove(filepath.Join(small, "else")))
	b.do(restore(b.store, m.Number))
	if len(b.read("state/one")) != 300_000 {
		t.Error("with space it is not put back")
	}
}
