package reading

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	colmetrics "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/metrics/v1"

	"healer-sidecar/internal/heal"
)

// viaMetric are metrics of a known program; those of the conventions are told apart by their names,
// because some programs export the old and the new ones side by side.
const viaMetric = "metric"

// The metrics of the conventions.
const (
	tokenUsage     = "gen_ai.client.token.usage"
	inferenceUsage = "gen_ai.client.inference.usage"
	operationTime  = "gen_ai.client.operation.duration"
)

// firstMetrics are the times to the first token, with the length of their unit.
var firstMetrics = map[string]time.Duration{
	"codex.turn.ttft.duration_ms": time.Millisecond, "gen_ai.server.time_to_first_token": time.Second,
	"gen_ai.client.operation.time_to_first_chunk": time.Second,
}

// point is one value of a metric, whatever its form: what was added since the one before.
type point struct {
	as    attributes
	value float64
	// n is how many were counted; 0 for a sum.
	n float64
	// series and mark say where a growing counter is now; empty for a difference.
	marks map[string]float64
}

// Metrics reads a batch of metrics.
func (r *Reader) Metrics(req *colmetrics.ExportMetricsServiceRequest) []Reading {
	b := &batch{reader: r}
	for _, rm := range req.GetResourceMetrics() {
		p, into := b.of(rm.GetResource())
		if p == nil {
			continue
		}
		for _, sm := range rm.GetScopeMetrics() {
			for _, m := range sm.GetMetrics() {
				p.metric(m, into)
			}
		}
	}
	return b.done()
}

func (p *process) metric(m *metricspb.Metric, into *Reading) {
	name := m.GetName()
	if p.known != nil {
		p.ownMetric(strings.TrimPrefix(name, p.known.prefix), m, into)
	} else {
		p.commonMetric(name, m, into)
	}
	if unit, is := firstMetrics[name]; is && p.takes(firsts, viaMetric) {
		for _, pt := range p.points(m) {
			if pt.n > 0 {
				into.first(time.Duration(pt.value / pt.n * float64(unit)))
			}
		}
	}
}

// ownMetric reads a metric of a program that is known.
func (p *process) ownMetric(name string, m *metricspb.Metric, into *Reading) {
	switch k := p.known; {
	case name == k.metric && p.takes(tokens, viaMetric):
		for _, pt := range p.points(m) {
			p.tokens(pt, pt.as.text(k.kind), pt.as.text("model"), into)
		}
	case k.costs != "" && name == k.costs && p.takes(tokens, viaMetric):
		for _, pt := range p.points(m) {
			keep(into.use(p, pt.as.text("model"), heal.Tokens{}, pt.value), pt)
		}
	}
}

// commonMetric reads a metric of the conventions.
func (p *process) commonMetric(name string, m *metricspb.Metric, into *Reading) {
	switch {
	case name == tokenUsage && p.takes(tokens, name):
		for _, pt := range p.points(m) {
			p.tokens(pt, pt.as.text("gen_ai.token.type"), pt.as.text(commonModel...), into)
		}
	case strings.HasPrefix(name, inferenceUsage) && p.takes(tokens, inferenceUsage):
		kind := strings.TrimPrefix(strings.TrimPrefix(name, inferenceUsage), ".")
		for _, pt := range p.points(m) {
			if k := pt.as.text("gen_ai.token.type"); k != "" {
				kind = k
			}
			p.tokens(pt, kind, pt.as.text(commonModel...), into)
		}
	case name == operationTime && p.takes(requests, viaMetric):
		for _, pt := range p.points(m) {
			into.requests(statusOf(pt.as, pt.as.text("error.type") != ""), int(pt.n))
		}
	}
}

func (p *process) tokens(pt point, kind, model string, into *Reading) {
	k, known := tokenKinds[kind]
	if !known || pt.value == 0 {
		return
	}
	n, t := int64(math.Round(pt.value)), heal.Tokens{}
	k.add(&t, n)
	if k.within {
		t.Input -= n
	}
	keep(into.use(p, model, t, 0), pt)
}

// keep notes where the counters behind a usage are now.
func keep(u *heal.Usage, pt point) {
	for series, mark := range pt.marks {
		if u.Marks == nil {
			u.Marks = map[string]float64{}
		}
		u.Marks[series] = mark
	}
}

// points are the values of a metric as differences.
func (p *process) points(m *metricspb.Metric) []point {
	var out []point
	switch d := m.GetData().(type) {
	case *metricspb.Metric_Sum:
		grows := d.Sum.GetAggregationTemporality() == metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
		for _, dp := range d.Sum.GetDataPoints() {
			v := dp.GetAsDouble()
			if i, whole := dp.GetValue().(*metricspb.NumberDataPoint_AsInt); whole {
				v = float64(i.AsInt)
			}
			out = p.add(out, m.GetName(), grows, dp.GetStartTimeUnixNano(), point{as: dp.GetAttributes(), value: v})
		}
	case *metricspb.Metric_Histogram:
		grows := d.Histogram.GetAggregationTemporality() == metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
		for _, dp := range d.Histogram.GetDataPoints() {
			out = p.add(out, m.GetName(), grows, dp.GetStartTimeUnixNano(), point{as: dp.GetAttributes(), value: dp.GetSum(), n: float64(dp.GetCount())})
		}
	case *metricspb.Metric_ExponentialHistogram:
		grows := d.ExponentialHistogram.GetAggregationTemporality() == metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
		for _, dp := range d.ExponentialHistogram.GetDataPoints() {
			out = p.add(out, m.GetName(), grows, dp.GetStartTimeUnixNano(), point{as: dp.GetAttributes(), value: dp.GetSum(), n: float64(dp.GetCount())})
		}
	}
	return out
}

// add appends a point; of a growing counter what was added since the latest reading.
func (p *process) add(out []point, name string, grows bool, start uint64, pt point) []point {
	if !sane(pt.value) {
		return out
	}
	if grows {
		series := seriesOf(name, pt.as)
		if p.starts[series] != 0 && p.starts[series] != start { // it began again
			delete(p.marks, series)
			delete(p.marks, series+"n")
		}
		if _, known := p.marks[series]; !known && len(p.marks) >= maxSeries {
			return out
		}
		p.starts[series] = start
		pt.marks = map[string]float64{series: pt.value}
		pt.value = p.since(series, pt.value)
		if pt.n > 0 {
			pt.n = p.since(series+"n", pt.n)
		}
	}
	return append(out, pt)
}

// since is what a growing counter has grown by. One that is less than before began again.
func (p *process) since(series string, now float64) float64 {
	before := p.marks[series]
	p.marks[series] = now
	if now < before {
		return now
	}
	return now - before
}

// seriesOf names a series in few letters.
func seriesOf(name string, as attributes) string {
	parts := make([]string, 0, len(as))
	for _, kv := range as {
		parts = append(parts, kv.GetKey()+"="+as.text(kv.GetKey()))
	}
	slices.Sort(parts)
	h := fnv.New64a()
	fmt.Fprint(h, name, parts)
	return fmt.Sprintf("%x", h.Sum64())
}
