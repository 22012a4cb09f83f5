package follow

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestAFloodIsPassedOverExceptItsEnd: no line is handed out in part, the last is, and
// read and passed over add up to what was written.
func TestAFloodIsPassedOverExceptItsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stdout.log")
	width := len("0000000 the usual words of a usual line of output, the usual words\n")
	var text bytes.Buffer
	for n := range 600_000 {
		fmt.Fprintf(&text, "%07d the usual words of a usual line of output, the usual words\n", n)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f := OpenOutput(path, Keep{Size: 1 << 30})
	defer f.Close()
	f.pace.filled = time.Now().Add(time.Hour) // nothing may be read before that
	read, last := 0, []byte(nil)
	each := func(block []byte) {
		for line := range bytes.Lines(block) {
			if len(bytes.TrimSuffix(line, []byte("\n"))) != width-1 {
				t.Fatalf("a line is handed out in part: %q", line)
			}
			read += width
			last = append(last[:0], line...)
		}
	}
	if err := f.Read(each); err != nil {
		t.Fatal(err)
	}
	if !f.Behind() || f.Passed() == 0 {
		t.Errorf("after %d bytes nothing was passed over", read)
	}
	if err := f.Drain(each); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(last, []byte("0599999 ")) {
		t.Errorf("the last line is %q", last)
	}
	// The lines in which reading stopped and went on are not handed out.
	if lost := text.Len() - read - int(f.Passed()); lost < 0 || lost > 4*width {
		t.Errorf("%d read, %d passed over of %d", read, f.Passed(), text.Len())
	}
}

func TestPaceFillsWithTime(t *testing.T) {
	var p pace
	begin := time.Unix(0, 0)
	if !p.may(begin) {
		t.Fatal("nothing may be read at first")
	}
	p.left = 0
	if p.may(begin) {
		t.Error("what is spent can be read")
	}
	if !p.may(begin.Add(time.Second)) || p.left > paceSaved {
		t.Errorf("after a second %d may be read", p.left)
	}
}
