package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/httpjson"
)

// send delivers a notice one way.
func send(ctx context.Context, r *procs.Reaper, way config.Notify, n Notice) error {
	ctx, cancel := context.WithTimeout(ctx, way.Timeout)
	defer cancel()
	switch {
	case way.Alertmanager != "":
		return post(ctx, strings.TrimSuffix(way.Alertmanager, "/")+"/api/v2/alerts", alerts(n))
	case way.URL != "":
		return post(ctx, way.URL, n)
	case way.Service != "":
		return chat(way, n)
	}
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("cannot encode notice: %w", err)
	}
	t, severity := n.kind()
	env := append(kernel.InheritedEnv(),
		"HEALER_AGENT="+n.Agent, "HEALER_INCIDENT="+n.Incident, "HEALER_TYPE="+string(t), fmt.Sprintf("HEALER_SEVERITY=%.2f", severity),
		"HEALER_REASON="+n.Reason, fmt.Sprintf("HEALER_RESOLVED=%v", n.Resolved))
	return r.RunTool(ctx, procs.Command{Argv: way.Command, Env: env, Dir: way.Dir}, body)
}

// post sends JSON. An address may hold a secret: no error repeats it.
func post(ctx context.Context, address string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode notice: %w", err)
	}
	if _, err := httpjson.Send(ctx, http.MethodPost, address, "application/json", body, 0); err != nil {
		return fmt.Errorf("cannot post to %s: %w", where(address), err)
	}
	return nil
}

// where is an address without what may be secret in it.
func where(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that is no URL"
	}
	return u.Scheme + "://" + u.Host
}

// alert is one of Alertmanager's, version 2 of its interface.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt,omitzero"`
	EndsAt      time.Time         `json:"endsAt,omitzero"`
}

// alertFor is how long an alert stands that is not withdrawn.
const alertFor = 24 * time.Hour

// alerts are labelled by what stays the same, so that those of one incident are one alert.
func alerts(n Notice) []alert {
	t, severity := n.kind()
	word := "warning"
	if severity >= heal.CriticalSeverity {
		word = "critical"
	}
	a := alert{
		Labels:      map[string]string{"alertname": "HealerIncident", "agent": n.Agent, "host": n.Host, "type": string(t), "incident": n.Incident, "severity": word},
		Annotations: map[string]string{"summary": n.Title(), "description": n.Text()},
		EndsAt:      n.At.Add(alertFor),
	}
	if n.Resolved {
		a.EndsAt = n.At
	}
	return []alert{a}
}

// chat sends through one of many services, by its address.
func chat(way config.Notify, n Notice) error {
	sender, err := shoutrrr.CreateSender(way.Service)
	if err != nil {
		return fmt.Errorf("cannot use %s: its address is wrong", scheme(way.Service))
	}
	params := types.Params{"title": n.Title()}
	if err := errors.Join(sender.Send(n.Text(), &params)...); err != nil {
		return fmt.Errorf("cannot send by %s: %s", scheme(way.Service), strings.ReplaceAll(err.Error(), way.Service, scheme(way.Service)))
	}
	return nil
}

func scheme(address string) string {
	s, _, _ := strings.Cut(address, ":")
	return s
}
