package match

import (
	"strings"
	"sync"
)

// usualText is the stock of words of logs that tell of nothing bad, in English. What
// it holds is a poor thing to search for.
const usualText = ` the next one follows when the queue has it ready for us to take and that this with from was were will have been
 info debug trace notice warn warning level logger message time timestamp date name value type state status code version
 2026-01-02t10:11:12.345z 10:11:12 2026/01/02 127.0.0.1 0.0.0.0 localhost http://example.com/api/v1/items https://
 get post put delete head patch http/1.1 200 ok 201 204 301 304 mozilla/5.0 user-agent content-type application/json text/html
 request requests response responses handled handler handling received sending sent reply replied served serving accepted
 connection connections connected connecting connect client clients server servers service services host port network
 worker workers thread threads process processes processed processing task tasks job jobs batch batches queue queued
 session sessions user users account login logged logout token tokens key keys cache cached hit hits store stored
 database query queries table tables row rows record records index indexes transaction transactions commit committed
 started starting start stopped stopping stop finished finish completed complete done running run ready waiting wait
 loaded loading load loads reload saved saving save written writing write read reading reads file files path paths
 created creating create updated updating update removed removing remove deleted deleting added adding opened opening closed
 closing open close checked checking check checks checkpoint snapshot backup sync synced synchronized replica replicas
 node nodes cluster leader follower election member members heartbeat shard shards partition partitions offset topic
 config configuration configured setting settings option options enabled disabled default defaults using used use
 memory cpu disk usage total free available size bytes count counts number rate average percent limit limits
 duration elapsed latency seconds second minutes minute hours hour milliseconds ms interval timeout deadline
 step steps epoch epochs train training loss accuracy model models layer weights learning eval evaluation metric metrics
 agent agents tool tools call calls called action actions plan planning goal prompt completion output input result results
 build building built compile compiled compiling test tests tested passed package packages module modules import install
 main init initialized initializing system kernel device driver daemon manager controller scheduler schedule scheduled
 event events listener listening listen subscribe subscribed publish published consumer producer stream streaming
 download downloaded downloading upload uploaded uploading fetch fetched fetching copy copied moved progress
 internal external local remote public private primary secondary master slave production staging development
 application container image volume mount mounted pod deployment namespace resource resources controller endpoint
 order orders tenant tenants customer customers invoice invoices payment payments page pages chunk chunks item items product products
 error errors error=null errors=0 0 errors failed 0 failed failures failure fail failover exception warnings timeout timeouts retry
 lock locks locked unlock unlocked lease block blocks blocked blocking max maximum min value values null none nil unknown true false
 message messages reason reasons cause causes policy policies permission permissions access role roles scope scopes bound allocated
 missing required command commands detected conflict conflicts install installed stall tail over slow high low lag idle turn turns
 kill killed signal match matches matched match! ended rendered planned depth pending active inactive degraded healthy available
 security sandbox internal provider backend upstream document documents embedding embeddings search searching searched
 id= uuid= trace_id= span_id= request_id= duration= status= method= path= remote_addr= level=info msg= time= caller= component=
 "level":"info","msg":" "time":" "ts": "caller":" "status":200 worker-1 thread-1 pool-1 main] [main] - -- >>> ... == === ---- ` + usualLines + "\t"

// usualLines are what agents, package managers, servers and kernels print when all is well.
const usualLines = ` planner - info - embedded chunk 3 of 10 (model=small, prompt_tokens=210, completion_tokens=35, total_tokens=245)
 {"msg":"parsed page 12 of 100","session_id":"5f3a","latency_ms":80,"tokens":1250,"model":"large-v2","cost_usd":0.0021}
 tool=grep latency=0.8s p50=12ms p95=40ms p99=80ms tokens_in=900 tokens_out=120 embedding dim=1024 context window 8000 of 128000
 session resumed, prompt has 3000 tokens, 40 of 50 embeddings parsed, parser: markdown, stored 7 vectors, retrieved 5 documents
 status installed libfoo:amd64 1.2.3-4 status half-configured status unpacked configure <none> trigproc man-db installed size
 access: "GET /v1/models HTTP/1.1" 200 1043 "-" "curl/8" rt=0.004 session=none user=null value=none ref=null parent=none
 10 of 10 passed, 0 of 10 failed, epoch 1 of 3 loss=0.42 acc=0.91 lr=0.001 grad_norm=0.8 input_ids output_ids logits norm values
`

// usualHeads are what nearly every line of a log begins with; headWeight is how much
// more often they stand there than the words of the text.
const (
	usualHeads = ` 2026-01-02T10:11:12.345Z INFO [main] com.example.service - level=info msg= {"level":"info","time":"2026-01-02","msg":" debug: info: the of to and in is for with on from by at as it be this that a `
	headWeight = 20
)

// foundCost is how much more a literal costs where it is found than where only its window
// passes.
const foundCost = 4

// shortCost is what a short literal costs beside being found: it lets through windows
// of every kind.
const shortCost = 0.0002

// usualWindows counts the windows of the usual text, and its parts of three bytes.
var usualWindows = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	count := func(text string, weight int) {
		text = strings.ToLower(strings.ReplaceAll(text, "\n", ""))
		for i := 0; i+windowSize <= len(text); i++ {
			all[text[i:i+windowSize]] += weight
			all[text[i:i+shortestSize]] += weight
		}
	}
	count(usualText, 1)
	count(usualHeads, headWeight)
	return all
})

// usual is how often a byte stands in such text, in thousandths; others are rare.
var usual = func() (f [256]float64) {
	for i := range f {
		f[i] = 1
	}
	for i := range len(usualText) {
		f[usualText[i]] += 1000 / float64(len(usualText))
	}
	return f
}()

// frequency estimates how often a usual text holds a literal at one place. Only the
// order that it gives matters.
func frequency(lit string) float64 {
	if len(lit) > windowSize {
		least := 1.0
		for i := 0; i+windowSize <= len(lit); i++ {
			least = min(least, frequency(lit[i:i+windowSize]))
		}
		return least
	}
	f := 1.0
	for i := range len(lit) {
		f *= usual[lit[i]] / 1000
	}
	return f + float64(usualWindows()[lit])/float64(len(usualText))
}
