package logging

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLogInTheJournal: every entry has its priority, and no time of ours.
func TestLogInTheJournal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Skip("no inode numbers here")
	}
	for _, row := range []struct{ stream, want string }{
		{fmt.Sprintf("%d:%d", st.Dev, st.Ino), "<4>[WARN]  healer-sidecar: a warning: agent=a\n"},
		{"8:1", "[WARN]  healer-sidecar: a warning: agent=a\n"},
	} {
		t.Setenv("JOURNAL_STREAM", row.stream)
		if err := f.Truncate(0); err != nil {
			t.Fatal(err)
		}
		log, err := NewLog("info", false, f)
		if err != nil {
			t.Fatal(err)
		}
		log.Warn("a warning", "agent", "a")
		log.End()
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		got := strings.TrimLeft(string(b), "\x00") // the file goes on where it was
		if exact := row.stream != "8:1"; exact && got != row.want || !exact && (got == row.want || !strings.HasSuffix(got, row.want)) {
			t.Errorf("stream %s: got %q", row.stream, got)
		}
	}
}
