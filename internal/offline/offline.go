package offline

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/detect/forecast"
	"healer-sidecar/internal/detect/steps"
)

// maxRecord bounds a line of an offline file.
const maxRecord = 1 << 20

// Reading is one line of a file of readings.
type Reading struct {
	// Time in seconds; Value and Limit in the unit of the metric. Without a limit the
	// metric is one that should not grow, like a latency.
	Time   *float64 `json:"time"`
	Metric string   `json:"metric"`
	Value  *float64 `json:"value"`
	Limit  float64  `json:"limit"`
}

// Foresight is one thing that readings foretell, or take back.
type Foresight struct {
	Time   float64 `json:"time"`
	Metric string  `json:"metric"`
	// Event is prediction, prediction_withdrawn, alarm or alarm_cleared. An alarm is a
	// prediction that has become urgent, or a metric that gets worse.
	Event string `json:"event"`
	// ExhaustedAt is the time at which the limit will be reached.
	ExhaustedAt float64 `json:"exhausted_at,omitempty"`
	Value       float64 `json:"value"`
}

// Foresee judges a file of readings with the product's own judges and calls each for
// what they say, as it would have been said at the time.
func Foresee(in io.Reader, each func(Foresight) error) error {
	runsOut, worsens := map[string]*forecast.Exhaustion{}, map[string]*forecast.Degradation{}
	last := map[string]forecast.Verdict{}
	return corpus.Lines(in, maxRecord, func(n int, line []byte) error {
		var r Reading
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("cannot read line %d: %w", n, err)
		}
		if r.Time == nil || r.Value == nil {
			return fmt.Errorf("cannot read line %d: time or value is missing", n)
		}
		at := time.Duration(*r.Time * float64(time.Second))
		f := Foresight{Time: *r.Time, Metric: r.Metric, Value: *r.Value}
		if r.Limit <= 0 {
			if worsens[r.Metric] == nil {
				worsens[r.Metric] = &forecast.Degradation{}
			}
			alarm, changed := worsens[r.Metric].Add(at, *r.Value)
			return tell(f, alarm, changed, "alarm", "alarm_cleared", each)
		}
		if runsOut[r.Metric] == nil {
			runsOut[r.Metric] = forecast.NewExhaustion()
		}
		v := runsOut[r.Metric].Add(at, *r.Value/r.Limit)
		before := last[r.Metric]
		last[r.Metric] = v
		if v.Warned {
			f.ExhaustedAt = *r.Time + v.In.Seconds()
		}
		if err := tell(f, v.Warned, v.Warned != before.Warned, "prediction", "prediction_withdrawn", each); err != nil {
			return err
		}
		return tell(f, v.Urgent, v.Urgent != before.Urgent, "alarm", "alarm_cleared", each)
	})
}

func tell(f Foresight, on, changed bool, raised, cleared string, each func(Foresight) error) error {
	if !changed {
		return nil
	}
	f.Event = cleared
	if on {
		f.Event = raised
	}
	return each(f)
}

// Walk is what the steps of an agent amount to.
type Walk struct {
	// Verdict is progress, or no_progress with the step (from 1) at which that was
	// clear and the rule by which.
	Verdict string `json:"verdict"`
	Step    int    `json:"step,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Steps   int    `json:"steps"`
}

// Follow judges a file of steps.
func Follow(in io.Reader) (Walk, error) {
	w := Walk{Verdict: "progress"}
	var d steps.Decoder
	var j steps.Judge
	err := corpus.Lines(in, maxRecord, func(n int, line []byte) error {
		s, err := d.Decode(line)
		if err != nil {
			return fmt.Errorf("cannot read line %d: %w", n, err)
		}
		w.Steps++
		if rule := j.Add(s); rule != "" && w.Rule == "" {
			w.Verdict, w.Step, w.Rule = "no_progress", w.Steps, rule
		}
		return nil
	})
	return w, err
}
