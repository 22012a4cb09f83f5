package reading

import (
	"slices"

	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"healer-sidecar/internal/heal"
)

// viaSpan are spans.
const viaSpan = "span"

// around are operations that other operations are part of: what they used, those have told.
var around = []string{"invoke_agent", "create_agent", "invoke_workflow", "workflow", "plan"}

// Spans reads a batch of spans.
func (r *Reader) Spans(req *coltrace.ExportTraceServiceRequest) []Reading {
	b := &batch{reader: r}
	for _, rs := range req.GetResourceSpans() {
		p, into := b.of(rs.GetResource())
		if p == nil {
			continue
		}
		for _, ss := range rs.GetScopeSpans() {
			for _, span := range ss.GetSpans() {
				p.span(span, into)
			}
		}
	}
	return b.done()
}

func (p *process) span(span *tracepb.Span, into *Reading) {
	as := attributes(span.GetAttributes())
	operation := as.text("gen_ai.operation.name")
	failed := span.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR || as.text("error.type") != ""
	if operation == "execute_tool" {
		if p.takes(tools, viaSpan) {
			into.tool(failed)
		}
		return
	}
	if slices.Contains(around, operation) {
		return
	}
	t := common.of(as)
	if (t != heal.Tokens{}) && p.takes(tokens, viaSpan) {
		into.use(p, as.text(commonModel...), t, 0)
	}
	if operation == "" && t == (heal.Tokens{}) {
		return
	}
	if p.takes(requests, viaSpan) {
		into.request(statusOf(as, failed))
	}
	if first := as.seconds(commonFirst...); first > 0 && p.takes(firsts, viaSpan) {
		into.first(first)
	}
}
