package web

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// hostile is text that a page must only show.
const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script>"'&{{7*7}}javascript:alert(3)` + "\u202e\u0007"

// backend is a sidecar with two agents and many incidents.
type backend struct {
	mu     sync.Mutex
	orders []heal.Order
}

func (b *backend) Status(context.Context) (heal.SidecarStatus, error) {
	return heal.SidecarStatus{Version: hostile, Uptime: time.Hour, Storm: hostile, Agents: []heal.AgentStatus{
		{Agent: "researcher", Health: "healthy", Running: true, Runs: 3, Foreseen: []string{hostile}, Forecasts: []heal.Forecast{{Resource: heal.Memory, Left: time.Hour, Limit: 2e9}}, Process: heal.ProcessStatus{State: "running", PID: 42}},
		{Agent: "rogue", Health: "held", Hold: hostile, Incident: "inc-1", Type: heal.SafetyViolation, Strategy: heal.Isolate, Process: heal.ProcessStatus{State: "frozen", InForce: []string{hostile}}},
	}}, nil
}

func (b *backend) Stats(context.Context) (heal.Stats, error) {
	rate := 0.9
	return heal.Stats{Errors: 7, SuccessRate: &rate}, nil
}

func (b *backend) Patterns(context.Context, string) ([]heal.PatternStats, error) {
	return []heal.PatternStats{{Agent: "rogue", Type: heal.Unknown, Template: hostile, Outcomes: 3, Strategies: map[heal.Strategy]heal.StrategyStats{heal.Retry: {Recovered: 2, Chance: 0.7}}}}, nil
}

func (b *backend) Order(_ context.Context, o heal.Order) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders = append(b.orders, o)
	return nil
}

func (b *backend) given() []heal.Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]heal.Order{}, b.orders...)
}

func (b *backend) Incidents() []heal.IncidentSummary {
	var all []heal.IncidentSummary
	for i := range 200 {
		all = append(all, heal.IncidentSummary{ID: fmt.Sprintf("inc-%d", i+1), Agent: "rogue", Opened: time.Now().Add(-time.Duration(i) * time.Minute), Type: heal.SafetyViolation, Note: hostile})
	}
	return all
}

func (b *backend) Story(id string) ([]heal.Event, error) {
	diag := heal.Diagnosis{Type: heal.SafetyViolation, Confidence: 0.9, Fingerprint: "v1:x", Evidence: []string{hostile}}
	return []heal.Event{
		{Kind: heal.EventSignal, Agent: "rogue", Incident: id, Signal: &heal.Signal{Detector: "log stdout", State: heal.Raised, Text: hostile}},
		{Kind: heal.EventDiagnosed, Agent: "rogue", Incident: id, Diag: &diag},
		{Kind: heal.EventPlanned, Agent: "rogue", Incident: id, Note: hostile, Plan: &heal.Plan{Strategy: heal.Isolate, Reason: hostile, Options: []heal.Option{{Strategy: heal.Isolate, Offered: true, Success: 0.8}, {Strategy: heal.Retry, Why: hostile}}}},
	}, nil
}

func (b *backend) History(string) heal.History {
	series := func(points, step int) heal.Series {
		s := heal.Series{End: time.Now(), Step: step}
		for i := range points {
			m, c := float64(1e9+i*1e5), float64(i%100)
			s.Memory, s.CPU = append(s.Memory, &m), append(s.CPU, &c)
		}
		return s
	}
	return heal.History{Recent: series(600, 1), Day: series(1440, 60)}
}

func (b *backend) Policies() []heal.PolicyInForce {
	return []heal.PolicyInForce{{Agent: "rogue", File: hostile, Line: 3, Given: map[string]string{"command": hostile}, Defaults: map[string]string{"risk_limit": "0.8"}, Detects: []string{"log stdout"}}}
}

func (b *backend) Changed() <-chan struct{} { return nil }

const secret = "0123456789abcdef0123456789abcdef"

// served runs a page over a backend, and returns its address.
func served(t *testing.T, b Backend, actions bool) string {
	t.Helper()
	s := New(Options{Token: secret, Actions: actions, UID: 7, Hosts: []string{"sidecar.internal"}}, b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(s.Close)
	return l.Addr().String()
}
