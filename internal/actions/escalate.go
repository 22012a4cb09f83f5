package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// notice is what people are told.
type notice struct {
	Agent     string          `json:"agent"`
	Incident  string          `json:"incident"`
	Reason    string          `json:"reason"`
	Hold      bool            `json:"hold"`
	Diagnosis *heal.Diagnosis `json:"diagnosis,omitempty"`
}

// escalate tells people in every declared way, and in our log always. It fails
// only when a declared way failed.
func escalate(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	n := notice{Agent: a.Agent, Incident: a.Incident, Reason: a.Params.Reason, Hold: a.Params.Hold, Diagnosis: a.Diagnosis}
	d := heal.Diagnosis{}
	if n.Diagnosis != nil {
		d = *n.Diagnosis
	}
	r.Log.Error("people are needed", "agent", n.Agent, "incident", n.Incident, "type", d.Type, "severity", d.Severity, "reason", n.Reason)
	body, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("cannot encode notice: %w", err)
	}
	done := []string{"told the log"}
	var failed error
	for _, way := range r.Notify() {
		if err := r.tell(ctx, way, n, d, body); err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot notify %s: %w", way.Name, err))
			continue
		}
		done = append(done, "told "+way.Name)
	}
	return done, failed
}

func (r *Runner) tell(ctx context.Context, way config.Notify, n notice, d heal.Diagnosis, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, way.Timeout)
	defer cancel()
	if way.URL != "" {
		return post(ctx, way.URL, body)
	}
	env := append(host.InheritedEnv(),
		"HEALER_AGENT="+n.Agent, "HEALER_INCIDENT="+n.Incident, "HEALER_TYPE="+string(d.Type),
		fmt.Sprintf("HEALER_SEVERITY=%.2f", d.Severity), "HEALER_REASON="+n.Reason)
	return r.Reaper.RunTool(ctx, host.Command{Argv: way.Command, Env: env, Dir: way.Dir}, body)
}

// client follows no redirects: a notice holds evidence and goes where the policy
// says, nowhere else.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func post(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("cannot make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("cannot post notice: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("cannot post notice: the answer is %s", resp.Status)
	}
	return nil
}
