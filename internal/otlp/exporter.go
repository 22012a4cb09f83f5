package otlp

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/httpjson"
)

const (
	// maxQueue bounds what waits to be sent; tries how often it is tried, sendFor how long
	// one try may take, again what is waited between two.
	maxQueue, tries = 256, 4
	sendFor, again  = 5 * time.Second, 2 * time.Second
)

// Exporter sends what happens to a collector. Note never waits.
type Exporter struct {
	endpoint string
	resource *resourcepb.Resource
	log      hclog.Logger
	queue    chan message
	open     map[string]*story
}

// message is one request, to a path of the collector.
type message struct {
	path string
	body proto.Message
}

// New returns an exporter to a collector that takes OTLP over HTTP.
func New(endpoint, host, version string, log hclog.Logger) *Exporter {
	return &Exporter{
		endpoint: strings.TrimSuffix(endpoint, "/"), log: log, queue: make(chan message, maxQueue), open: map[string]*story{},
		resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{text("service.name", "healer-sidecar"), text("service.version", version), text("host.name", host)}},
	}
}

// Note takes an event in. It belongs to the goroutine that records events.
func (x *Exporter) Note(e heal.Event) {
	if e.Incident == "" {
		return
	}
	s := x.open[e.Incident]
	if s == nil {
		if len(x.open) >= maxOpen || e.Kind == heal.EventClosed {
			return
		}
		s = &story{id: e.Incident, agent: e.Agent, opened: e.At.Wall}
		x.open[e.Incident] = s
	}
	switch e.Kind {
	case heal.EventDiagnosed:
		s.diag = e.Diag
	case heal.EventAttempt:
		s.begin(e)
	case heal.EventOutcome:
		s.end(e)
	}
	if r := s.record(e); r != nil {
		x.send(message{"/v1/logs", &collogs.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{Resource: x.resource, ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{r}}}}}}})
	}
	if e.Kind == heal.EventClosed {
		delete(x.open, e.Incident)
		x.send(message{"/v1/traces", &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{Resource: x.resource, ScopeSpans: []*tracepb.ScopeSpans{{Spans: s.spans(e)}}}}}})
	}
}

func (x *Exporter) send(m message) {
	select {
	case x.queue <- m:
	default:
		x.log.Warn("the collector is too slow: something is not sent", "path", m.path)
	}
}

// Run sends what waits until the context ends.
func (x *Exporter) Run(ctx context.Context) {
	for {
		select {
		case m := <-x.queue:
			x.deliver(ctx, m)
		case <-ctx.Done():
			return
		}
	}
}

func (x *Exporter) deliver(ctx context.Context, m message) {
	body, err := proto.Marshal(m.body)
	for try := 0; err == nil && try < tries; try++ {
		if err = x.post(ctx, m.path, body); err == nil {
			return
		}
		select {
		case <-time.After(again):
			if try < tries-1 {
				err = nil
			}
		case <-ctx.Done():
			return
		}
	}
	x.log.Warn("the collector was not reached", "path", m.path, "cause", err)
}

func (x *Exporter) post(ctx context.Context, path string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	if _, err := httpjson.Send(ctx, http.MethodPost, x.endpoint+path, "application/x-protobuf", body, 0); err != nil {
		return fmt.Errorf("cannot hand over to the collector: %w", err)
	}
	return nil
}
