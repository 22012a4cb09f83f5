package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// maxBaselineLines bounds the lines kept for a class.
	maxBaselineLines = 256
	// maxBaselineRuns is how many healthy runs are counted before all counts are halved, so that what
	// an agent printed long ago fades.
	maxBaselineRuns = 64
	// baselineAge is how long a line is kept that no healthy run prints any more.
	baselineAge = 30 * 24 * time.Hour
	// usualRuns healthy runs must have printed a line, and half of all, for it to be usual.
	usualRuns = 2
)

// Baseline is what the agents of a class print while they are healthy, of the lines that built-in
// rules call failures.
type Baseline struct {
	Runs int `json:"runs"`
	// Lines are by the hash of the template.
	Lines map[string]BaselineLine `json:"lines"`
	// Latest are the runs of the class that were counted last: a run may teach several times.
	Latest []string `json:"latest,omitempty"`
}

// BaselineLine is one template: in how many healthy runs it was printed, and when one last counted.
type BaselineLine struct {
	Seen int       `json:"seen"`
	Last time.Time `json:"last"`
}

// maxLatest bounds the runs that are told apart.
const maxLatest = 64

// healthy counts the lines of a run that was healthy. The caller names each line of a run once.
func (l *Ledger) healthy(at heal.Stamp, run *heal.HealthyRun) {
	if run == nil {
		return
	}
	b := l.Baselines[run.Class]
	if b == nil {
		if b = (&Baseline{Lines: map[string]BaselineLine{}}); l.Baselines == nil {
			l.Baselines = map[string]*Baseline{}
		}
		l.Baselines[run.Class] = b
	}
	if !slices.Contains(b.Latest, run.Run) {
		b.Latest = keepLast(append(b.Latest, run.Run), maxLatest)
		b.Runs++
	}
	for _, hash := range run.Lines {
		b.Lines[hash] = BaselineLine{Seen: min(b.Lines[hash].Seen+1, b.Runs), Last: at.Wall}
	}
	b.age(at.Wall)
	for len(b.Lines) > maxBaselineLines {
		delete(b.Lines, b.rarest())
	}
}

// age forgets lines that are old, and halves the counts once there are many.
func (b *Baseline) age(now time.Time) {
	halve := b.Runs >= maxBaselineRuns
	if halve {
		b.Runs /= 2
	}
	for hash, line := range b.Lines {
		if halve {
			line.Seen = min((line.Seen+1)/2, b.Runs)
			if b.Lines[hash] = line; line.Seen*8 < b.Runs {
				line.Seen = 0
			}
		}
		if line.Seen == 0 || now.Sub(line.Last) > baselineAge {
			delete(b.Lines, hash)
		}
	}
}

// rarest is the line that the fewest runs printed, of those the one that was not printed for longest.
func (b *Baseline) rarest() string {
	rarest, least := "", BaselineLine{}
	for hash, line := range b.Lines {
		older := line.Last.Compare(least.Last)
		if rarest == "" || line.Seen < least.Seen || line.Seen == least.Seen && (older < 0 || older == 0 && hash < rarest) {
			rarest, least = hash, line
		}
	}
	return rarest
}

// Printed is in how many of how many healthy runs of a class a line was printed.
func (l *Ledger) Printed(class, hash string) (seen, runs int) {
	if b := l.Baselines[class]; b != nil {
		return b.Lines[hash].Seen, b.Runs
	}
	return 0, 0
}

// Usual reports that a line is normal for a class: healthy runs print it.
func (l *Ledger) Usual(class, hash string) bool {
	seen, runs := l.Printed(class, hash)
	return seen >= usualRuns && 2*seen >= runs
}
