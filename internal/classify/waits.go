package classify

import (
	"strings"
	"time"

	"healer-sidecar/internal/classify/wait"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

// messageLines are how many lines a message may have before and behind the one that tells its kind:
// headers of an answer, a printed record, a wrapped sentence.
const messageLines = 12

// waits gives each vote the time to wait that its own message names.
func (r *reading) waits(lines []string, now time.Time) {
	known := map[int]time.Duration{}
	for n, at := range r.places {
		if !r.votes[n].Type.Waits() {
			continue
		}
		d, ok := known[at]
		if !ok {
			d = r.waitAt(lines, at, now)
			known[at] = d
		}
		r.votes[n].Wait = d
	}
}

// waitAt reads the message around a line: that line first, then what follows it, then what comes before,
// each up to a line that tells of something else. What a dead client planned by itself is void.
func (r *reading) waitAt(lines []string, at int, now time.Time) time.Duration {
	behind, before := at, at
	for behind+1 < len(lines) && behind-at < messageLines && !r.tells(behind+1, at) {
		behind++
	}
	for before > 0 && at-before < messageLines && !r.tells(before-1, at) {
		before--
	}
	for _, part := range [][]string{lines[at : at+1], lines[at : behind+1], lines[before : at+1]} {
		if hint, ok := wait.In(joined(part), now); ok && !(r.dead && hint.Planned) {
			return hint.For
		}
	}
	return 0
}

func joined(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line[:min(len(line), match.MaxLine)])
		b.WriteByte('\n')
	}
	return b.String()
}

// tells reports that a line names a cause that is not among those of the line at.
func (r *reading) tells(line, at int) bool {
	other, same := false, false
	for i, place := range r.places {
		if v := r.votes[i]; place == line && v.Weight >= tellingWeight {
			other = true
			same = same || r.votesFor(v.Type, at)
		}
	}
	return other && !same
}

func (r *reading) votesFor(t heal.ErrorType, at int) bool {
	for i, place := range r.places {
		if place == at && r.votes[i].Type == t {
			return true
		}
	}
	return false
}
