// Package metrics tells a Prometheus how agents and the sidecar stand, in OpenMetrics. Labels
// are bounded: agents of the policy, error types, strategies, outcomes.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// Source is what is asked at every scrape.
type Source interface {
	Status(context.Context) (heal.SidecarStatus, error)
	Usage(agent string) (sampling.Usage, bool)
}

// scrapeWithin bounds how long a scrape waits for the status.
const scrapeWithin = 2 * time.Second

// recoveries are the bounds of the histogram of recoveries, in seconds: from a retry at once
// to an hour in which a person came.
var recoveries = []float64{0.1, 0.5, 1, 5, 15, 30, 60, 300, 900, 3600}

// Metrics counts what happens and asks for the rest.
type Metrics struct {
	source   Source
	registry *prometheus.Registry

	signals   *prometheus.CounterVec
	incidents *prometheus.CounterVec
	attempts  *prometheus.CounterVec
	outcomes  *prometheus.CounterVec
	recovery  *prometheus.HistogramVec
	holds     *prometheus.CounterVec
}

// New returns metrics over a source.
func New(source Source) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	m := &Metrics{
		source: source, registry: prometheus.NewRegistry(),
		signals:   counter("signals_total", "Signals that were raised, by the kind of witness.", "agent", "witness"),
		incidents: counter("incidents_total", "Incidents that were closed, by what failed and how it ended.", "agent", "type", "outcome"),
		attempts:  counter("attempts_total", "Attempts that were begun, by strategy.", "agent", "strategy"),
		outcomes:  counter("outcomes_total", "Verified outcomes of attempts, by strategy.", "agent", "strategy", "outcome"),
		holds:     counter("held_total", "How often an agent was held for a person.", "agent"),
		recovery: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "recovery_seconds", Help: "How long incidents that were healed were open.", Buckets: recoveries,
		}, []string{"agent"}),
	}
	m.registry.MustRegister(m.signals, m.incidents, m.attempts, m.outcomes, m.recovery, m.holds, &asked{source},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const namespace = "healer"

// Note counts one recorded event.
func (m *Metrics) Note(e heal.Event) {
	switch e.Kind {
	case heal.EventSignal:
		if e.Signal.State == heal.Raised {
			m.signals.WithLabelValues(e.Agent, string(e.Signal.Witness)).Inc()
		}
	case heal.EventAttempt:
		if e.Attempt.Strategy != "" && !e.Attempt.Undo {
			m.attempts.WithLabelValues(e.Agent, string(e.Attempt.Strategy)).Inc()
		}
	case heal.EventOutcome:
		if e.Attempt != nil && e.Attempt.Strategy != "" {
			m.outcomes.WithLabelValues(e.Agent, string(e.Attempt.Strategy), string(e.Outcome)).Inc()
		}
	case heal.EventClosed:
		t := heal.Unknown
		if e.Diag != nil {
			t = e.Diag.Type
		}
		m.incidents.WithLabelValues(e.Agent, string(t), string(e.Outcome)).Inc()
		if e.Outcome == heal.Recovered {
			m.recovery.WithLabelValues(e.Agent).Observe(e.Took.Seconds())
		}
	case heal.EventHeld:
		m.holds.WithLabelValues(e.Agent).Inc()
	}
}

// Forget drops what was counted of an agent that was taken out of the policy.
func (m *Metrics) Forget(agent string) {
	of := prometheus.Labels{"agent": agent}
	for _, v := range []*prometheus.CounterVec{m.signals, m.incidents, m.attempts, m.outcomes, m.holds} {
		v.DeletePartialMatch(of)
	}
	m.recovery.DeletePartialMatch(of)
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4})
}
