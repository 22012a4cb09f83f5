package reading

import (
	"strings"

	"healer-sidecar/internal/heal"
)

// counts names the attributes that hold tokens by kind; several names are tried in order.
type counts struct {
	input, output, more, cacheRead, cacheWrite []string
	// tool are tokens that the input leaves out.
	tool []string
	// inclusive says that input includes what was read from the cache or written to it.
	inclusive bool
}

// runtime is a program whose telemetry is known better than the conventions describe it.
type runtime struct {
	// services are the beginnings of the names by which its resources are known, prefix that of
	// its events and metrics.
	services []string
	prefix   string
	// usage is the event that tells what a request used, with its attributes, needs one that it must
	// have; cost is in dollars.
	usage, needs string
	counts       counts
	cost         string
	// request tells of a request that was answered, failure of one that was not.
	request, failure string
	// tool tells of a call, first of the time to the first token of a turn.
	tool, first string
	// metric counts tokens by the attribute kind; costs is the one of money.
	metric, kind, costs string
}

// runtimes are the programs that are known by name. Their own names come before the common ones,
// which some of them use as well, for the same tokens.
var runtimes = []runtime{
	{
		services: []string{"claude-code"}, prefix: "claude_code.",
		usage: "api_request", needs: "input_tokens", cost: "cost_usd",
		counts: counts{
			input: []string{"input_tokens"}, output: []string{"output_tokens"}, cacheRead: []string{"cache_read_tokens"},
			cacheWrite: []string{"cache_creation_tokens"},
		},
		request: "api_request", failure: "api_error", tool: "tool_result",
		metric: "token.usage", kind: "type", costs: "cost.usage",
	},
	{
		services: []string{"codex"}, prefix: "codex.",
		usage: "sse_event", needs: "input_token_count",
		counts: counts{
			input: []string{"input_token_count"}, output: []string{"output_token_count"}, cacheRead: []string{"cached_token_count"},
			cacheWrite: []string{"cache_write_token_count"}, inclusive: true,
		},
		request: "api_request", failure: "api_error", tool: "tool_result", first: "turn_ttft",
		metric: "turn.token_usage", kind: "token_type",
	},
	{
		services: []string{"gemini-cli"}, prefix: "gemini_cli.",
		usage: "api_response", needs: "input_token_count",
		counts: counts{
			input: []string{"input_token_count"}, output: []string{"output_token_count"}, more: []string{"thoughts_token_count"},
			cacheRead: []string{"cached_content_token_count"}, tool: []string{"tool_token_count"}, inclusive: true,
		},
		request: "api_response", failure: "api_error", tool: "tool_call",
		metric: "token.usage", kind: "type",
	},
}

func runtimeOf(service string) *runtime {
	for i := range runtimes {
		for _, s := range runtimes[i].services {
			if strings.HasPrefix(service, s) {
				return &runtimes[i]
			}
		}
	}
	return nil
}

// common are the attributes of the GenAI conventions, new names first.
var common = counts{
	input:      []string{"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"},
	output:     []string{"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"},
	cacheRead:  []string{"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"},
	cacheWrite: []string{"gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"},
	inclusive:  true,
}

// commonModel and commonFirst name the model and the time to the first token, in seconds.
var (
	commonModel = []string{"gen_ai.response.model", "gen_ai.request.model"}
	commonFirst = []string{"gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"}
)

// of reads the tokens of one request.
func (c counts) of(as attributes) heal.Tokens {
	t := heal.Tokens{
		Input: as.count(c.input...), Output: as.count(c.output...) + as.count(c.more...),
		CacheRead: as.count(c.cacheRead...), CacheWrite: as.count(c.cacheWrite...),
	}
	cached := t.CacheRead + t.CacheWrite
	if c.inclusive && cached <= t.Input && !leavesCacheOut(as) {
		t.Input -= cached
	}
	t.Input += as.count(c.tool...)
	return t
}

// leavesCacheOut: instrumentation from before the present conventions, which call the provider by its
// new name, hands on the input as Anthropic counts it, without the cache.
func leavesCacheOut(as attributes) bool {
	return as.text("gen_ai.provider.name") == "" && as.text("gen_ai.system") == "anthropic"
}

// tokenKind is what one value of a metric's attribute counts. Within says that input includes it.
type tokenKind struct {
	add    func(*heal.Tokens, int64)
	within bool
}

func addInput(t *heal.Tokens, n int64)      { t.Input += n }
func addOutput(t *heal.Tokens, n int64)     { t.Output += n }
func addCacheRead(t *heal.Tokens, n int64)  { t.CacheRead += n }
func addCacheWrite(t *heal.Tokens, n int64) { t.CacheWrite += n }

// tokenKinds are the values of the attribute that tells the kind of tokens. What is missing here is
// part of another one, as reasoning is of the output, or the sum of all.
var tokenKinds = map[string]tokenKind{
	"input": {addInput, false}, "prompt": {addInput, false}, "tool": {addInput, false},
	"output": {addOutput, false}, "completion": {addOutput, false}, "thought": {addOutput, false},
	"cacheRead": {addCacheRead, false}, "cacheCreation": {addCacheWrite, false},
	"cached_input": {addCacheRead, true}, "cache_write_input": {addCacheWrite, true}, "cache": {addCacheRead, true},
	"input_tokens": {addInput, false}, "output_tokens": {addOutput, false},
	"cache_read.input_tokens": {addCacheRead, true}, "cache_write.input_tokens": {addCacheWrite, true},
	"cache_creation.input_tokens": {addCacheWrite, true}, "cache_read": {addCacheRead, true}, "cache_write": {addCacheWrite, true},
	"cache_creation": {addCacheWrite, true}, "cache_read_input": {addCacheRead, true}, "cache_creation_input": {addCacheWrite, true},
}
