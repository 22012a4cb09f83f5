package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/httpjson"
)

// tune sets the tunables of an agent to so many steps down.
func tune(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	d := r.Units.Dressed(a.Agent)
	before := d.Tune
	d.Tune, d.Factor = a.Params.Steps, a.Params.Factor
	if err := r.Units.Dress(a.Agent, d); err != nil {
		return nil, err
	}
	// What has it on already was left by a sidecar that died over this: whether it is in force
	// is not known.
	again := before == d.Tune
	live, said := true, []string{}
	for _, t := range agent.Tunables {
		was, is := t.At(before, d.Factor), t.At(d.Tune, d.Factor)
		if was == is && !again {
			continue
		}
		done, doubt, err := r.setLive(ctx, agent, t, t.Text(is))
		if err != nil {
			return nil, err
		}
		said = append(said, fmt.Sprintf("%s = %s (was %s)%s", t.Name, t.Text(is), t.Text(was), doubt))
		live = live && done
	}
	if live {
		return said, nil
	}
	return r.renew(ctx, a, strings.Join(said, ", "))
}

// setLive puts a tunable in force in a running agent; false when it takes a new start. What
// it says is different from what it was told is returned as a doubt.
func (r *Runner) setLive(ctx context.Context, agent config.Agent, t config.Tunable, value string) (done bool, doubt string, err error) {
	if t.File != "" {
		if err := fsys.Replace(t.File, []byte(value+"\n")); err != nil {
			return false, "", err
		}
	}
	if r.Units.Status(agent.Name).State != "running" || !t.Live() {
		return false, "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	switch {
	case t.URL != "":
		doubt, err = put(ctx, t, value)
	case len(t.Command) > 0:
		env := append(kernel.InheritedEnv(), "HEALER_AGENT="+agent.Name, "HEALER_TUNABLE="+t.Name, "HEALER_VALUE="+value)
		err = r.Reaper.RunTool(ctx, procs.Command{Argv: t.Command, Env: env, Dir: agent.Dir}, nil)
	default:
		err = r.Units.SignalAgent(agent.Name, kernel.SignalByName(t.Signal))
	}
	if err != nil {
		return false, "", fmt.Errorf("cannot set %s: %w", t.Name, err)
	}
	return true, doubt, nil
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 10

// put tells a value to a URL. Where a GET there answers with a number, that is read back.
func put(ctx context.Context, t config.Tunable, value string) (doubt string, err error) {
	body, err := json.Marshal(map[string]string{"name": t.Name, "value": value})
	if err == nil {
		_, err = httpjson.Send(ctx, http.MethodPut, t.URL, "application/json", body, maxAnswer)
	}
	if err != nil {
		return "", err
	}
	answer, err := httpjson.Send(ctx, http.MethodGet, t.URL, "application/json", nil, maxAnswer)
	if got, known := number(answer); err == nil && known && t.Text(got) != value {
		return fmt.Sprintf(", but it says %s", t.Text(got)), nil
	}
	return "", nil // it need not be readable
}

// number is what an answer says: a bare number, or the field value of a JSON object.
func number(answer []byte) (float64, bool) {
	var told struct {
		Value json.Number `json:"value"`
	}
	text := strings.TrimSpace(string(answer))
	if err := json.Unmarshal(answer, &told); err == nil && told.Value != "" {
		text = told.Value.String()
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}
