package reading

import (
	"slices"
	"time"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"

	"healer-sidecar/internal/heal"
)

// The attributes by which a resource says whose it is. The sidecar gives them to what it starts.
const (
	AgentKey = "healer.agent"
	RunKey   = "healer.run"
)

const (
	// maxProcesses bounds the programs that are followed, maxSeries the growing counters of each,
	// maxModels how many models one batch may name.
	maxProcesses, maxSeries, maxModels = 256, 4096, 32
	// maxName is the longest name of a model or a program that is kept.
	maxName = 96
)

// Reading is what one batch says of one run.
type Reading struct {
	Agent, Run string
	Usage      []heal.Usage
	// Requests counts requests to a model by their HTTP status; 0 is a failure without one.
	Requests map[int]int
	// First are times to the first token.
	First []time.Duration
	// Tools counts calls of tools, ToolFailures those that failed.
	Tools, ToolFailures int
}

// Failures counts the requests that failed.
func (r Reading) Failures() (failed, all int) {
	for status, n := range r.Requests {
		all += n
		if status < 200 || status >= 400 {
			failed += n
		}
	}
	return failed, all
}

// channel is a kind of fact that is taken from one signal of a process only.
type channel int

const (
	tokens channel = iota
	requests
	firsts
	tools
	channels
)

// process is a program within a run, as its resource describes it.
type process struct {
	name  string
	known *runtime
	// via is the signal that each kind of fact is taken from; empty until one has told it.
	via [channels]string
	// marks are the latest readings of growing counters, starts when they began.
	marks  map[string]float64
	starts map[string]uint64
}

// takes reports whether a fact that arrives by this signal counts. The first one that tells it is
// the one for good.
func (p *process) takes(c channel, via string) bool {
	if p.via[c] == "" {
		p.via[c] = via
	}
	return p.via[c] == via
}

// Reader follows processes over their batches. It belongs to one goroutine.
type Reader struct {
	processes map[string]*process
	order     []string
	// Unattributed counts resources that do not say whose they are.
	Unattributed int
}

// NewReader returns a reader that knows no process yet.
func NewReader() *Reader { return &Reader{processes: map[string]*process{}} }

// Resume goes on where an earlier sidecar stopped: with the signal from which it took the tokens of
// a process, and its growing counters.
func (r *Reader) Resume(agent, run, name, via string, marks map[string]float64) {
	p := r.process(agent, run, name)
	p.via[tokens] = via
	for series, v := range marks {
		p.marks[series] = v
	}
}

func (r *Reader) process(agent, run, name string) *process {
	key := agent + "\x00" + run + "\x00" + name
	p := r.processes[key]
	if p != nil {
		return p
	}
	if len(r.order) >= maxProcesses {
		delete(r.processes, r.order[0])
		r.order = slices.Delete(r.order, 0, 1)
	}
	p = &process{name: name, known: runtimeOf(name), marks: map[string]float64{}, starts: map[string]uint64{}}
	r.processes[key] = p
	r.order = append(r.order, key)
	return p
}

// batch collects what one request says, by run.
type batch struct {
	reader *Reader
	all    []*Reading
}

// of finds the process that a resource describes, and where to put what is read of it; nil for a
// resource that names no agent.
func (b *batch) of(res *resourcepb.Resource) (*process, *Reading) {
	as := attributes(res.GetAttributes())
	agent, run := as.text(AgentKey), as.text(RunKey)
	if agent == "" || run == "" {
		b.reader.Unattributed++
		return nil, nil
	}
	p := b.reader.process(agent, run, short(as.text("service.name")))
	for _, r := range b.all {
		if r.Agent == agent && r.Run == run {
			return p, r
		}
	}
	r := &Reading{Agent: agent, Run: run}
	b.all = append(b.all, r)
	return p, r
}

// done are the readings that say something.
func (b *batch) done() []Reading {
	var out []Reading
	for _, r := range b.all {
		if len(r.Usage) > 0 || len(r.Requests) > 0 || len(r.First) > 0 || r.Tools > 0 {
			out = append(out, *r)
		}
	}
	return out
}

// use adds usage of a model by a process.
func (r *Reading) use(p *process, model string, t heal.Tokens, cost float64) *heal.Usage {
	model = short(model)
	for i := range r.Usage {
		if u := &r.Usage[i]; u.Process == p.name && (u.Model == model || len(r.Usage) >= maxModels) {
			u.Tokens, u.Cost = u.Tokens.Plus(t), u.Cost+cost
			return u
		}
	}
	r.Usage = append(r.Usage, heal.Usage{
		Run: r.Run, Source: heal.UsageTelemetry, Process: p.name, Via: p.via[tokens], Model: model, Tokens: t, Cost: cost,
	})
	return &r.Usage[len(r.Usage)-1]
}

func (r *Reading) request(status int) { r.requests(status, 1) }

func (r *Reading) requests(status, n int) {
	if n <= 0 {
		return
	}
	if r.Requests == nil {
		r.Requests = map[int]int{}
	}
	if status < 0 || status > 599 {
		status = 0
	}
	r.Requests[status] += n
}

func (r *Reading) tool(failed bool) {
	r.Tools++
	if failed {
		r.ToolFailures++
	}
}

// maxFirsts bounds the times to the first token of one batch.
const maxFirsts = 1000

func (r *Reading) first(d time.Duration) {
	if d > 0 && d < time.Hour && len(r.First) < maxFirsts {
		r.First = append(r.First, d)
	}
}

// short bounds a name, and leaves out what no name has.
func short(name string) string {
	clean := make([]rune, 0, min(len(name), maxName))
	for _, c := range name {
		if len(clean) == maxName {
			break
		}
		if c > ' ' && c != 0x7f && c != '\uFFFD' {
			clean = append(clean, c)
		}
	}
	return string(clean)
}

type attributes []*commonpb.KeyValue

func (as attributes) value(key string) *commonpb.AnyValue {
	for _, kv := range as {
		if kv.GetKey() == key {
			return kv.GetValue()
		}
	}
	return nil
}
