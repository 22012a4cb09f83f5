package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// Version of the schema of reports.
const Version = 1

const (
	// maxReport bounds one report, maxMessage what is kept of its message.
	maxReport, maxMessage = 64 << 10, 1 << 10
	// maxModel bounds the name of a model, maxCost and maxTokens what one report may tell.
	maxModel, maxCost, maxTokens = 96, 1e6, 1e12
	// MaxLease bounds how long an agent may ask to be left alone.
	MaxLease = 15 * time.Minute
)

// Report is what an agent says about itself. All parts but the version may be left
// out.
type Report struct {
	// Version of the schema; 0 stands for 1.
	Version int `json:"v"`
	// Type and Message tell of a failure.
	Type    heal.ErrorType `json:"type"`
	Message string         `json:"message"`
	// Severity in [0,1] is the agent's own view; Critical marks the operation, Retries
	// is how often it was tried already.
	Severity *float64 `json:"severity"`
	Critical bool     `json:"critical_operation"`
	Retries  int      `json:"retry_count"`
	// Heartbeat says that it is alive, Progress counts what it has achieved.
	Heartbeat bool     `json:"heartbeat"`
	Progress  *float64 `json:"progress"`
	// Lease asks not to be suspected for so many seconds, Restart to be restarted,
	// Ready says that it may be used.
	Lease   *float64 `json:"lease"`
	Restart bool     `json:"restart"`
	Ready   bool     `json:"ready"`
	// SafePoint says whether it can be interrupted now at little cost.
	SafePoint *bool `json:"safe_point"`
	// Cost in US dollars and Tokens are what it used since its latest report of them, by Model.
	Cost   *float64 `json:"cost"`
	Tokens *Tokens  `json:"tokens"`
	Model  string   `json:"model"`
	Status string   `json:"status"`
}

// LeaseFor is the time it may be left alone.
func (r Report) LeaseFor() time.Duration {
	if r.Lease == nil {
		return 0
	}
	return min(time.Duration(*r.Lease*float64(time.Second)), MaxLease)
}

// Parse reads a JSON report and says what is wrong with it.
func Parse(text []byte) (Report, error) {
	var r Report
	if len(text) > maxReport {
		return r, fmt.Errorf("cannot read report: it is longer than %d bytes", maxReport)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("cannot read report: %w", err)
	}
	if d.More() {
		return r, errors.New("cannot read report: more than one on a line")
	}
	return r, r.check()
}

func (r *Report) check() error {
	r.Message = r.Message[:min(len(r.Message), maxMessage)]
	r.Model = r.Model[:min(len(r.Model), maxModel)]
	switch {
	case r.Version > Version || r.Version < 0:
		return fmt.Errorf("cannot read report: version %d is not known; this is version %d", r.Version, Version)
	case r.Type != "" && !r.Type.Valid():
		return fmt.Errorf("cannot read report: %q is no error type", r.Type)
	case r.Type == "" && r.Message != "":
		return errors.New("cannot read report: a message without a type; use unknown when no other fits")
	case r.Severity != nil && !(*r.Severity >= 0 && *r.Severity <= 1):
		return errors.New("cannot read report: severity lies between 0 and 1")
	case r.Lease != nil && !(*r.Lease >= 0 && *r.Lease <= 1e9):
		return errors.New("cannot read report: lease is a number of seconds")
	case r.Cost != nil && !(*r.Cost >= 0 && *r.Cost <= maxCost):
		return errors.New("cannot read report: cost is a number of dollars")
	case r.Tokens != nil && !r.Tokens.sane():
		return errors.New("cannot read report: tokens are numbers from 0")
	case r.Model != "" && r.Cost == nil && r.Tokens == nil:
		return errors.New("cannot read report: a model without cost or tokens")
	case r.Retries < 0:
		return errors.New("cannot read report: retry_count is negative")
	case *r == Report{Version: r.Version}:
		return errors.New("cannot read report: it says nothing")
	}
	return nil
}

// Notified reads a message of sd_notify. What is not known is ignored, as that protocol
// asks. Beyond it, X_HEALER_PROGRESS, X_HEALER_LEASE and X_HEALER_RESTART are read.
func Notified(message []byte) Report {
	var r Report
	for line := range strings.Lines(string(message[:min(len(message), maxReport)])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		n, err := strconv.ParseFloat(value, 64)
		number := err == nil && n >= 0 && n < 1e15
		switch name {
		case "READY":
			r.Ready = value == "1"
		case "WATCHDOG":
			r.Heartbeat = value == "1"
		case "STATUS":
			r.Status = value[:min(len(value), maxMessage)]
		case "RELOADING": // it is busy with that until it is ready again
			reload := time.Minute.Seconds()
			r.Lease = &reload
		case "EXTEND_TIMEOUT_USEC":
			if seconds := n / 1e6; number {
				r.Lease = &seconds
			}
		case "X_HEALER_PROGRESS":
			if number {
				r.Progress = &n
			}
		case "X_HEALER_LEASE":
			if number {
				r.Lease = &n
			}
		case "X_HEALER_SAFE_POINT":
			safe := value == "1"
			r.SafePoint = &safe
		case "X_HEALER_RESTART":
			r.Restart = value == "1"
		}
	}
	return r
}

// mark begins a line of output that is a report.
var mark = []byte("@healer ")

// Within calls each for the reports in a block of output: lines that begin with the mark and the
// token of the run. Others are words that somebody quotes.
func Within(block []byte, token string, each func(Report, error)) {
	if token == "" {
		return
	}
	own := append([]byte(token), ' ')
	for {
		at := bytes.Index(block, mark)
		if at < 0 {
			return
		}
		line, rest, _ := bytes.Cut(block[at:], []byte("\n"))
		said, ours := bytes.CutPrefix(line[len(mark):], own)
		if ours && (at == 0 || block[at-1] == '\n') {
			each(Parse(said))
		}
		block = rest
	}
}

// Tokens are a number of tokens, or numbers by kind: input, output, cache_read and cache_write.
type Tokens heal.Tokens

// UnmarshalJSON reads either form. A number alone counts as input.
func (t *Tokens) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &t.Input) == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode((*heal.Tokens)(t))
}

func (t *Tokens) sane() bool {
	for _, n := range []int64{t.Input, t.Output, t.CacheRead, t.CacheWrite} {
		if n < 0 || n > maxTokens {
			return false
		}
	}
	return true
}

// Usage is what the report tells of money and tokens; false for nothing.
func (r Report) Usage() (heal.Usage, bool) {
	u := heal.Usage{Source: heal.UsageReport, Model: r.Model}
	if r.Cost != nil {
		u.Cost = *r.Cost
	}
	if r.Tokens != nil {
		u.Tokens = heal.Tokens(*r.Tokens)
	}
	return u, !u.Empty()
}
