package otlp

import (
	"crypto/sha256"
	"fmt"
	"time"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"healer-sidecar/internal/heal"
)

// story is an open incident as it will be sent.
type story struct {
	id       string
	agent    string
	opened   time.Time
	diag     *heal.Diagnosis
	attempts []*tracepb.Span
}

// maxAttempts bounds the spans of one incident, maxOpen how many incidents are followed.
const maxAttempts, maxOpen = 100, 1000

// traceOf and spanOf are the numbers of an incident and an attempt: derived from their names,
// so that every exporter of the same record gives the same.
func traceOf(incident string) []byte {
	sum := sha256.Sum256([]byte("trace/" + incident))
	return sum[:16]
}

func spanOf(name string) []byte {
	sum := sha256.Sum256([]byte("span/" + name))
	return sum[:8]
}

func text(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func number(key string, value float64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: value}}}
}

// attributes are those that every span and log of an incident has.
func (s *story) attributes() []*commonpb.KeyValue {
	all := []*commonpb.KeyValue{text("healer.agent", s.agent), text("healer.incident", s.id)}
	if s.diag != nil {
		all = append(all, text("healer.error_type", string(s.diag.Type)), text("healer.fingerprint", s.diag.Fingerprint), number("healer.severity", s.diag.Severity), number("healer.confidence", s.diag.Confidence))
	}
	return all
}

// begin opens the span of an attempt, end closes it with what was verified.
func (s *story) begin(e heal.Event) {
	if len(s.attempts) >= maxAttempts || e.Attempt.Strategy == "" {
		return
	}
	name := string(e.Attempt.Strategy)
	if e.Attempt.Undo {
		name = "undo " + name
	}
	s.attempts = append(s.attempts, &tracepb.Span{
		TraceId: traceOf(s.id), SpanId: spanOf(e.Attempt.ID), ParentSpanId: spanOf(s.id), Name: name, Kind: tracepb.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: uint64(e.At.Wall.UnixNano()), Attributes: append(s.attributes(), text("healer.strategy", string(e.Attempt.Strategy)), text("healer.attempt", e.Attempt.ID)),
	})
}

func (s *story) end(e heal.Event) {
	for _, span := range s.attempts {
		if span.EndTimeUnixNano == 0 {
			span.EndTimeUnixNano = uint64(e.At.Wall.UnixNano())
			span.Attributes = append(span.Attributes, text("healer.outcome", string(e.Outcome)), text("healer.note", e.Note))
			span.Status = status(e.Outcome)
		}
	}
}

func status(o heal.Outcome) *tracepb.Status {
	switch o {
	case heal.Recovered:
		return &tracepb.Status{Code: tracepb.Status_STATUS_CODE_OK}
	case heal.Failed, heal.Relapsed:
		return &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: string(o)}
	}
	return &tracepb.Status{}
}

// spans are the whole story, when it is over.
func (s *story) spans(e heal.Event) []*tracepb.Span {
	s.end(e)
	root := &tracepb.Span{
		TraceId: traceOf(s.id), SpanId: spanOf(s.id), Name: "incident", Kind: tracepb.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: uint64(s.opened.UnixNano()), EndTimeUnixNano: uint64(e.At.Wall.UnixNano()),
		Attributes: append(s.attributes(), text("healer.outcome", string(e.Outcome)), text("healer.note", e.Note)), Status: status(e.Outcome),
	}
	return append([]*tracepb.Span{root}, s.attempts...)
}

// severities of the events that become logs; all others are told by the spans.
var severities = map[heal.EventKind]logspb.SeverityNumber{
	heal.EventOpened: logspb.SeverityNumber_SEVERITY_NUMBER_WARN, heal.EventDiagnosed: logspb.SeverityNumber_SEVERITY_NUMBER_WARN,
	heal.EventPlanned: logspb.SeverityNumber_SEVERITY_NUMBER_INFO, heal.EventOutcome: logspb.SeverityNumber_SEVERITY_NUMBER_INFO,
	heal.EventClosed: logspb.SeverityNumber_SEVERITY_NUMBER_INFO, heal.EventHeld: logspb.SeverityNumber_SEVERITY_NUMBER_ERROR,
	heal.EventAsked: logspb.SeverityNumber_SEVERITY_NUMBER_WARN, heal.EventAlarm: logspb.SeverityNumber_SEVERITY_NUMBER_ERROR,
	heal.EventGaveUp: logspb.SeverityNumber_SEVERITY_NUMBER_ERROR,
}

// record is an event as a log; nil for one that is none.
func (s *story) record(e heal.Event) *logspb.LogRecord {
	severity, is := severities[e.Kind]
	if !is {
		return nil
	}
	at := uint64(e.At.Wall.UnixNano())
	body := fmt.Sprintf("%s: %s", e.Kind, e.Note)
	if e.Kind == heal.EventDiagnosed {
		body = fmt.Sprintf("%s: %s", e.Kind, e.Diag.Type)
	}
	return &logspb.LogRecord{
		TimeUnixNano: at, ObservedTimeUnixNano: at, SeverityNumber: severity, TraceId: traceOf(s.id), SpanId: spanOf(s.id),
		Body: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: body}}, Attributes: append(s.attributes(), text("healer.event", string(e.Kind))),
	}
}
