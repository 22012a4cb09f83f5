package reading

import (
	"strings"

	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"

	"healer-sidecar/internal/heal"
)

// viaLog and viaCommonLog are events of a known program, and of the conventions.
const viaLog, viaCommonLog = "log", "common log"

// Logs reads a batch of logs.
func (r *Reader) Logs(req *collogs.ExportLogsServiceRequest) []Reading {
	b := &batch{reader: r}
	for _, rl := range req.GetResourceLogs() {
		p, into := b.of(rl.GetResource())
		if p == nil {
			continue
		}
		for _, sl := range rl.GetScopeLogs() {
			for _, record := range sl.GetLogRecords() {
				p.log(record, into)
			}
		}
	}
	return b.done()
}

func (p *process) log(record *logspb.LogRecord, into *Reading) {
	as := attributes(record.GetAttributes())
	name := as.text("event.name")
	if name == "" {
		name = record.GetEventName()
	}
	if p.known == nil {
		p.commonLog(name, as, into)
		return
	}
	p.event(strings.TrimPrefix(name, p.known.prefix), as, into)
}

// event reads an event of a program that is known.
func (p *process) event(name string, as attributes, into *Reading) {
	k := p.known
	if _, has := as.number(k.needs); name == k.usage && has && p.takes(tokens, viaLog) {
		cost := 0.0
		if k.cost != "" {
			cost, _ = as.number(k.cost)
		}
		into.use(p, as.text("model"), k.counts.of(as), cost)
	}
	switch {
	case name == k.request && p.takes(requests, viaLog):
		status := as.status()
		if status == 0 && as.text("error", "error.message") == "" {
			status = 200
		}
		into.request(status)
	case name == k.failure && p.takes(requests, viaLog):
		into.request(as.status())
	case name == k.tool && p.takes(tools, viaLog):
		into.tool(as.text("success") == "false")
	}
	p.firstOf(name, as, into)
}

func (p *process) firstOf(name string, as attributes, into *Reading) {
	first := as.milliseconds("ttft_ms")
	if p.known.first != "" && name == p.known.first {
		first = as.milliseconds("duration_ms")
	}
	if first > 0 && p.takes(firsts, viaLog) {
		into.first(first)
	}
}

// commonLog reads an event of the conventions.
func (p *process) commonLog(name string, as attributes, into *Reading) {
	if !strings.HasPrefix(name, "gen_ai.") {
		return
	}
	t := common.of(as)
	if (t != heal.Tokens{}) && p.takes(tokens, viaCommonLog) {
		into.use(p, as.text(commonModel...), t, 0)
	}
	if first := as.seconds(commonFirst...); first > 0 && p.takes(firsts, viaCommonLog) {
		into.first(first)
	}
	if failed := as.text("error.type") != ""; (failed || t != heal.Tokens{}) && p.takes(requests, viaCommonLog) {
		into.request(statusOf(as, failed))
	}
}

// statusOf is the status of a request: what it says itself, or that of a success or a failure.
func statusOf(as attributes, failed bool) int {
	if s := as.status(); s != 0 || failed {
		return s
	}
	return 200
}
