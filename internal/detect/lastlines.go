package detect

import (
	"bytes"
	"time"

	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/match"
)

// keepLines is how many of the last lines are kept, keepWidth how much of each: enough
// for a report that chains several errors with their stacks.
const keepLines, keepWidth = 120, 4096

// textWidth is how much of a matching line goes with its signal.
const textWidth = 1024

// lastLines keeps the end of the output. Its memory is bounded and reused; who prints
// nothing has none.
type lastLines struct {
	lines [][]byte
	// times are when they came.
	times []time.Time
	next  int
	count int
}

// add takes a block of whole lines, of which only the last can matter. Of a stack that
// would fill all the room, the middle is left out.
func (l *lastLines) add(block []byte, now time.Time) {
	from := len(block)
	for n := 0; n <= keepLines && from >= 0; n++ {
		from = bytes.LastIndexByte(block[:from], '\n')
		for from > 0 && deepStack(block, from) {
			from = bytes.LastIndexByte(block[:from], '\n')
		}
	}
	stack := 0
	for line := range follow.Split(block[from+1:]) {
		if stack++; !isFrame(line) {
			stack = 0
		}
		if stack <= keepFrames {
			l.addLine(line, now)
		}
	}
}

// keepFrames is how many frames of one stack are kept at its head.
const keepFrames = 20

// deepStack reports that the line that ends here and the one before are frames.
func deepStack(block []byte, end int) bool {
	start := bytes.LastIndexByte(block[:end], '\n')
	if start < 0 || !isFrame(block[start+1:end]) {
		return false
	}
	return isFrame(block[bytes.LastIndexByte(block[:start], '\n')+1 : start])
}

// isFrame is a cheap test for a line of a stack as most runtimes print it.
func isFrame(line []byte) bool {
	text := bytes.TrimLeft(line, " \t")
	return len(text) < len(line) && (bytes.HasPrefix(text, []byte("at ")) || bytes.HasPrefix(text, []byte("from ")))
}

func (l *lastLines) addLine(line []byte, now time.Time) {
	if l.lines == nil {
		l.lines, l.times = make([][]byte, keepLines), make([]time.Time, keepLines)
	}
	line = match.Shown(line)
	slot := l.lines[l.next][:0]
	l.lines[l.next] = append(slot, line[:min(len(line), keepWidth)]...)
	l.times[l.next] = now
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

// ages are how long ago the lines came, oldest first.
func (l *lastLines) ages(now time.Time) []time.Duration {
	out := make([]time.Duration, 0, l.count)
	for i := range l.count {
		out = append(out, now.Sub(l.times[(l.next-l.count+i+2*keepLines)%keepLines]))
	}
	return out
}

func (l *lastLines) clear() { l.next, l.count = 0, 0 }
