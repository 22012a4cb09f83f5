package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/host/procfs"
)

// TestReadMost reads what fits into the buffer, what fills it, and what is larger.
func TestReadMost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, size := range []int{0, 9, 10, 11, 5000} {
		want := strings.Repeat("x", size)
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		var buf [10]byte
		if got, err := procfs.ReadMost(path, buf[:]); err != nil || string(got) != want {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
	for _, path := range []string{path + ".not", filepath.Dir(path)} { // one that is not there, one that cannot be read
		if _, err := procfs.ReadMost(path, make([]byte, 10)); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}
