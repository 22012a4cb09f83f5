package otlp

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"healer-sidecar/internal/heal"
)

// happened is an incident that one attempt healed.
func happened(x *Exporter) {
	begun := time.Unix(1000, 0)
	at := func(s int) heal.Stamp { return heal.Stamp{Wall: begun.Add(time.Duration(s) * time.Second)} }
	attempt := &heal.Attempt{ID: "inc-1.1", Strategy: heal.Retry}
	for _, e := range []heal.Event{
		{Kind: heal.EventOpened, At: at(0)}, {Kind: heal.EventDiagnosed, At: at(1), Diag: &heal.Diagnosis{Type: heal.ExecutionFailure, Fingerprint: "v1:x", Severity: 0.5}},
		{Kind: heal.EventAttempt, At: at(2), Attempt: attempt}, {Kind: heal.EventOutcome, At: at(5), Attempt: attempt, Outcome: heal.Recovered, Note: "it stayed clear"},
		{Kind: heal.EventClosed, At: at(6), Outcome: heal.Recovered, Note: "well"},
	} {
		e.Agent, e.Incident = "a", "inc-1"
		x.Note(e)
	}
}

func TestAnIncidentIsATraceAndItsLogs(t *testing.T) {
	traces, logs := make(chan []byte, 10), make(chan []byte, 20)
	var refused atomic.Bool
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		switch {
		case !refused.Swap(true): // once it is not there, and what was sent must come again
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/v1/traces":
			traces <- b
		default:
			logs <- b
		}
	}))
	defer collector.Close()
	x := New(collector.URL+"/", "h", "1", hclog.NewNullLogger())
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	go x.Run(ctx)
	happened(x)
	var spans coltrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(<-traces, &spans); err != nil {
		t.Fatal(err)
	}
	all := spans.ResourceSpans[0].ScopeSpans[0].Spans
	if len(all) != 2 || all[0].Name != "incident" || all[1].Name != "retry" || string(all[1].ParentSpanId) != string(all[0].SpanId) || all[1].Status.Code != tracepb.Status_STATUS_CODE_OK {
		t.Errorf("spans %+v", all)
	}
	if took := time.Duration(all[1].EndTimeUnixNano - all[1].StartTimeUnixNano); took != 3*time.Second {
		t.Errorf("the attempt took %s", took)
	}
	n := 0
	for len(logs) > 0 {
		var l collogs.ExportLogsServiceRequest
		if err := proto.Unmarshal(<-logs, &l); err != nil {
			t.Fatal(err)
		}
		if string(l.ResourceLogs[0].ScopeLogs[0].LogRecords[0].TraceId) != string(all[0].TraceId) {
			t.Error("a log belongs to another trace")
		}
		n++
	}
	if n != 4 { // opened, diagnosed, outcome, closed
		t.Errorf("%d logs", n)
	}
}

func TestACollectorThatIsNotThereHoldsNothingUp(t *testing.T) {
	x := New("http://127.0.0.1:1", "h", "1", hclog.NewNullLogger())
	for range 1000 { // nobody runs it: the queue is full soon
		happened(x)
	}
	if len(x.queue) != maxQueue || len(x.open) != 0 {
		t.Errorf("%d wait, %d are open", len(x.queue), len(x.open))
	}
}
