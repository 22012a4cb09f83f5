package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

func TestAmounts(t *testing.T) {
	for text, want := range map[string]heal.Amount{
		"$5": {Cost: 5}, "$0.25": {Cost: 0.25}, "2000000 tokens": {Tokens: 2e6}, "2M tokens": {Tokens: 2e6}, "1.5k tokens": {Tokens: 1500},
		"$5, 2M tokens": {Cost: 5, Tokens: 2e6}, "2M tokens,$5": {Cost: 5, Tokens: 2e6},
	} {
		if got, err := ParseAmount(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "5", "$", "$-1", "$0", "$NaN", "$Inf", "0 tokens", "1.5 tokens", "tokens", "$5 $6", "$5, $6", "€5", "2M", "1e99 tokens", "$5,"} {
		if got, err := ParseAmount(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

const spendAgent = `agent "a" {
  command = ["true"]
  alternative "small" { env = { M = "s" } }
  spend {
    %s
  }
}
`

func loaded(t *testing.T, text string) (*Policy, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestSpendAndPrices(t *testing.T) {
	p, err := loaded(t, strings.Replace(spendAgent, "%s", `per_hour = "$5"
    per_run = "2M tokens"
    warn_at = "70%"
    on_exhausted = "degrade"
    sources = ["reports"]
    price "m-large" {
      input = "$1"
      output = "$2"
    }`, 1)+`
price "m" {
  input = "$3"
  output = "$15"
  cache_read = "$0.3"
}
telemetry {}
`)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Agents[0].Heal.Spend
	if s.Limits[heal.PerHour].Cost != 5 || s.Limits[heal.PerRun].Tokens != 2e6 || s.OnExhausted != heal.ExhaustedDegrade || s.Sources[0] != heal.UsageReport {
		t.Errorf("%+v", s)
	}
	if !(s.WarnAt > 0.699 && s.WarnAt < 0.701) || !p.Telemetry.On || p.Telemetry.Listen != "127.0.0.1:0" {
		t.Errorf("%v %+v", s.WarnAt, p.Telemetry)
	}
	million := heal.Tokens{Input: 1e6, Output: 1e6, CacheRead: 1e6, CacheWrite: 1e6}
	for model, want := range map[string]float64{"m-large-2": 5, "m-small": 21.3} {
		if price, known := heal.PriceOf(s.Prices, model); !known || price.Of(million) != want {
			t.Errorf("%s costs %v, known %v", model, price.Of(million), known)
		}
	}
	if _, known := heal.PriceOf(s.Prices, "other"); known {
		t.Error("another model has a price")
	}
}

func TestWrongSpendIsRefusedWithAReason(t *testing.T) {
	for text, want := range map[string]string{
		`warn_at = "80%"`:                                   "sets no limit",
		`per_hour = "5"`:                                    "is not an amount",
		"per_hour = \"$5\"\nwarn_at = \"100%\"":             "below 100%",
		"per_hour = \"$5\"\non_exhausted = \"stop\"":        "is not known",
		"per_hour = \"$5\"\nalternative = \"smal\"":         "which is not declared",
		"per_hour = \"$5\"\nsources = [\"telemetri\"]":      "unknown source",
		"per_hour = \"$5\"\nprice \"m\" { input = \"$1\" }": "needs input and output",
	} {
		if _, err := loaded(t, strings.Replace(spendAgent, "%s", text, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		`telemetry { listen = "0.0.0.0:4318" }`:                                       "from this host only",
		`telemetry { queue = "1KiB" }`:                                                "too small",
		"telemetry {\nlisten = \"127.0.0.1:1\"\nforward = \"http://127.0.0.1:1/\"\n}": "the sidecar itself",
	} {
		if _, err := loaded(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
