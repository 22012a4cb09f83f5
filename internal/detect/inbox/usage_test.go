package inbox

import (
	"testing"

	"healer-sidecar/internal/heal"
)

func TestAReportOfWhatWasUsed(t *testing.T) {
	for text, want := range map[string]heal.Usage{
		`{"cost":0.25}`:               {Cost: 0.25},
		`{"tokens":1200,"model":"m"}`: {Model: "m", Tokens: heal.Tokens{Input: 1200}},
		`{"tokens":{"input":10,"output":2,"cache_read":3},"cost":1}`: {Cost: 1, Tokens: heal.Tokens{Input: 10, Output: 2, CacheRead: 3}},
	} {
		r, err := Parse([]byte(text))
		want.Source = heal.UsageReport
		got, any := r.Usage()
		if err != nil || !any || got.Cost != want.Cost || got.Tokens != want.Tokens || got.Model != want.Model || got.Source != want.Source {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		`{"cost":-1}`, `{"cost":1e300}`, `{"tokens":-1}`, `{"tokens":{"inputs":1}}`, `{"tokens":"many"}`, `{"model":"m"}`, `{"tokens":{"output":-5}}`,
	} {
		if r, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s was taken: %+v", text, r)
		}
	}
}
