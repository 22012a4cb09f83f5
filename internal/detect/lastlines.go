package detect

import (
	"bytes"

	"healer-sidecar/internal/detect/follow"
)

// keepLines is how many of the last lines are evidence, keepWidth how much of
// each.
const keepLines, keepWidth = 30, 4096

// textWidth is how much of a matching line goes with its signal.
const textWidth = 1024

// lastLines keeps the end of the output. Its memory is bounded and reused.
type lastLines struct {
	lines [keepLines][]byte
	next  int
	count int
}

// add takes a block of whole lines, of which only the last can matter.
func (l *lastLines) add(block []byte) {
	from := len(block)
	for n := 0; n <= keepLines && from >= 0; n++ {
		from = bytes.LastIndexByte(block[:from], '\n')
	}
	for line := range follow.Split(block[from+1:]) {
		l.addLine(line)
	}
}

func (l *lastLines) addLine(line []byte) {
	slot := l.lines[l.next][:0]
	l.lines[l.next] = append(slot, line[:min(len(line), keepWidth)]...)
	l.next = (l.next + 1) % keepLines
	l.count = min(l.count+1, keepLines)
}

// printable returns the lines, oldest first, neutralised by clean.
func (l *lastLines) printable(clean func([]byte, int) string) []string {
	out := make([]string, 0, l.count)
	for i := range l.count {
		out = append(out, clean(l.lines[(l.next-l.count+i+2*keepLines)%keepLines], keepWidth))
	}
	return out
}

func (l *lastLines) clear() { l.next, l.count = 0, 0 }
