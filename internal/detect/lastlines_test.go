package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLastLinesAreTheLast(t *testing.T) {
	for _, lines := range []int{0, 1, 2, keepLines - 1, keepLines, keepLines + 1, 3 * keepLines} {
		for _, size := range []int{1, 2, 7, keepLines, keepLines + 1, 1000} {
			lastOf(t, lines, size)
		}
	}
}

// lastOf adds lines in blocks of size.
func lastOf(t *testing.T, lines, size int) {
	var l lastLines
	var all []string
	for i := range lines {
		all = append(all, strings.Repeat(fmt.Sprint("line ", i), min(i%5, 1)))
	}
	for block := range slices.Chunk(all, size) {
		l.add([]byte(strings.Join(block, "\n")+"\n"), time.Now())
	}
	want := all[max(len(all)-keepLines, 0):]
	got := l.printable(func(b []byte, _ int) string { return string(b) })
	if !slices.Equal(got, want) {
		t.Errorf("%d lines in blocks of %d: got %q", lines, size, strings.Join(got, "|"))
	}
}
