package corpus

import (
	"fmt"
	"io"
	"slices"

	"healer-sidecar/internal/heal"
)

// Score counts predictions against labels.
type Score struct {
	right, predicted, expected map[heal.ErrorType]int
	failing, strict, lenient   int
	benign, alarms             int
	Misses                     []string
}

// NewScore returns an empty score.
func NewScore() *Score {
	return &Score{right: map[heal.ErrorType]int{}, predicted: map[heal.ErrorType]int{}, expected: map[heal.ErrorType]int{}}
}

// Add books one prediction.
func (s *Score) Add(r Record, got heal.ErrorType) {
	if r.Expect == heal.Benign {
		s.benign++
		if got != heal.Benign {
			s.alarms++
			s.miss(r, got)
		}
		return
	}
	s.failing++
	s.expected[r.Expect]++
	s.predicted[got]++
	if got == r.Expect {
		s.right[got]++
		s.strict++
		s.lenient++
		return
	}
	s.miss(r, got)
	if slices.Contains(r.AlsoOK, got) {
		s.lenient++
	}
}

func (s *Score) miss(r Record, got heal.ErrorType) {
	s.Misses = append(s.Misses, fmt.Sprintf("%s\t%s\t%s\t%s", r.ID, r.Expect, got, r.Source))
}

// F1 returns precision, recall and their harmonic mean for one type over the
// failing cases; a failing case called benign is a miss of its type.
func (s *Score) F1(t heal.ErrorType) (precision, recall, f1 float64) {
	precision = ratio(s.right[t], s.predicted[t])
	recall = ratio(s.right[t], s.expected[t])
	if precision+recall == 0 {
		return precision, recall, 0
	}
	return precision, recall, 2 * precision * recall / (precision + recall)
}

// MacroF1 is the mean F1 of the ten types.
func (s *Score) MacroF1() float64 {
	sum := 0.0
	for _, t := range heal.ErrorTypes {
		_, _, f1 := s.F1(t)
		sum += f1
	}
	return sum / float64(len(heal.ErrorTypes))
}

// FalseAlarms is the share of benign cases that were called a failure.
func (s *Score) FalseAlarms() float64 { return ratio(s.alarms, s.benign) }

// Print writes the table of the evaluation.
func (s *Score) Print(out io.Writer) {
	fmt.Fprintf(out, "%-24s %9s %9s %9s %6s\n", "type", "precision", "recall", "F1", "cases")
	for _, t := range heal.ErrorTypes {
		p, r, f1 := s.F1(t)
		fmt.Fprintf(out, "%-24s %9.3f %9.3f %9.3f %6d\n", t, p, r, f1, s.expected[t])
	}
	fmt.Fprintf(out, "macro-F1 %.3f  accuracy %.3f  accuracy with also_ok %.3f  false alarms %.4f (%d of %d)\n",
		s.MacroF1(), ratio(s.strict, s.failing), ratio(s.lenient, s.failing), s.FalseAlarms(), s.alarms, s.benign)
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
