package corpus

import (
	"fmt"
	"io"
	"slices"

	"healer-sidecar/internal/heal"
)

// blocking are the types for which a dead agent is not started again before someone mends the cause.
var blocking = []heal.ErrorType{heal.ConfigurationError, heal.SafetyViolation}

// F1s counts predictions of the ten types against labels.
type F1s struct{ right, predicted, expected map[heal.ErrorType]int }

func newF1s() *F1s {
	return &F1s{right: map[heal.ErrorType]int{}, predicted: map[heal.ErrorType]int{}, expected: map[heal.ErrorType]int{}}
}

func (f *F1s) add(expect, got heal.ErrorType) {
	f.expected[expect]++
	f.predicted[got]++
	if expect == got {
		f.right[got]++
	}
}

// Of returns precision, recall and their harmonic mean for one type. A failing case that was called
// benign is a miss of its type.
func (f *F1s) Of(t heal.ErrorType) (precision, recall, f1 float64) {
	precision = ratio(f.right[t], f.predicted[t])
	recall = ratio(f.right[t], f.expected[t])
	if precision+recall == 0 {
		return precision, recall, 0
	}
	return precision, recall, 2 * precision * recall / (precision + recall)
}

// Macro is the mean F1 of the types that the cases have.
func (f *F1s) Macro() float64 {
	sum, types := 0.0, 0
	for _, t := range heal.ErrorTypes {
		if f.expected[t] > 0 {
			_, _, f1 := f.Of(t)
			sum += f1
			types++
		}
	}
	return sum / float64(max(types, 1))
}

// Score counts predictions against labels. Strict wants the expected type, lenient also accepts the
// other types that the record names; both are of failing cases, Dead and DeadLenient of those that
// have ended.
type Score struct {
	Strict, Lenient, Dead, DeadLenient *F1s
	// Living are benign cases of programs that still run. Those that ended well can never alarm, so
	// they are not counted.
	Living, Alarms int
	// Troubled are the failing cases of programs that still run, Called those of them that raised an alarm.
	Troubled, Called int
	// Ended are the failing cases that have ended, Held those of them that were called something
	// that keeps an agent down and is not what happened.
	Ended, Held int
	Misses      []string
}

// NewScore returns an empty score.
func NewScore() *Score {
	return &Score{Strict: newF1s(), Lenient: newF1s(), Dead: newF1s(), DeadLenient: newF1s()}
}

// Add books one prediction.
func (s *Score) Add(r Record, d heal.Diagnosis) {
	if r.Expect == heal.Benign {
		s.addBenign(r, d.Type)
		return
	}
	strict, lenient := d.Type, d.Type
	if slices.Contains(r.AlsoOK, d.Type) {
		lenient = r.Expect
	}
	s.Strict.add(r.Expect, strict)
	s.Lenient.add(r.Expect, lenient)
	if lenient != r.Expect {
		s.miss(r, d.Type)
	}
	if r.Exit() == nil {
		s.Troubled++
		if d.Type != heal.Benign {
			s.Called++
		}
		return
	}
	s.Ended++
	s.Dead.add(r.Expect, strict)
	s.DeadLenient.add(r.Expect, lenient)
	if held := d.Treated(); slices.Contains(blocking, held) && held != r.Expect && !slices.Contains(r.AlsoOK, held) {
		s.Held++
	}
}

func (s *Score) addBenign(r Record, got heal.ErrorType) {
	if r.Exit() != nil {
		return
	}
	s.Living++
	if got != heal.Benign {
		s.Alarms++
		s.miss(r, got)
	}
}

func (s *Score) miss(r Record, got heal.ErrorType) {
	s.Misses = append(s.Misses, fmt.Sprintf("%s\t%s\t%s\t%s", r.ID, r.Expect, got, r.Source))
}

// FalseAlarms is the share of the living benign cases that were called a failure.
func (s *Score) FalseAlarms() float64 { return ratio(s.Alarms, s.Living) }

// WronglyHeld is the share of the failing cases that have ended in which the verdict would keep an
// agent down for a cause that is not the real one.
func (s *Score) WronglyHeld() float64 { return ratio(s.Held, s.Ended) }

// Print writes the table of the evaluation.
func (s *Score) Print(out io.Writer) {
	fmt.Fprintf(out, "%-24s %9s %9s %9s %6s\n", "type", "precision", "recall", "F1", "cases")
	for _, t := range heal.ErrorTypes {
		p, r, f1 := s.Strict.Of(t)
		fmt.Fprintf(out, "%-24s %9.3f %9.3f %9.3f %6d\n", t, p, r, f1, s.Strict.expected[t])
	}
	fmt.Fprintf(out, "macro-F1, all failing cases: strict %.3f, lenient %.3f\n", s.Strict.Macro(), s.Lenient.Macro())
	s.PrintShort(out)
}

// PrintShort writes the figures that matter most in one line.
func (s *Score) PrintShort(out io.Writer) {
	fmt.Fprintf(out, "macro-F1, dead runs: strict %.3f, lenient %.3f; false alarms %.4f (%d of %d living); living failures called %.3f (of %d); wrongly held %.4f (%d of %d dead)\n",
		s.Dead.Macro(), s.DeadLenient.Macro(), s.FalseAlarms(), s.Alarms, s.Living, ratio(s.Called, s.Troubled), s.Troubled, s.WronglyHeld(), s.Held, s.Ended)
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
