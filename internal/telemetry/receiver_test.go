package telemetry

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	collogs "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	coltrace "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"healer-sidecar/internal/telemetry/reading"
)

func captured(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("reading", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// open serves a receiver that knows the run a-1, and returns its address.
func open(t *testing.T, forward *Queue) (r *Receiver, address string, read func() []reading.Reading) {
	t.Helper()
	var all []reading.Reading
	r = New(func(agent, run string) bool { return agent == "a" && run == "a-1" }, func(one reading.Reading) { all = append(all, one) }, forward)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- r.Serve(l) }()
	t.Cleanup(func() {
		r.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r, l.Addr().String(), func() []reading.Reading {
		r.mu.Lock()
		defer r.mu.Unlock()
		return all
	}
}

func post(t *testing.T, address, kind, encoding string, body []byte) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestABatchIsTakenInEveryForm(t *testing.T) {
	raw := captured(t, "claude-logs.pb")
	var m collogs.ExportLogsServiceRequest
	if err := proto.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	asJSON, err := protojson.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, kind, encoding string
		body                       []byte
		want                       int
		read                       bool
	}{
		{"protobuf", "/v1/logs", "application/x-protobuf", "", raw, 200, true},
		{"protobuf, packed", "/v1/logs", "application/x-protobuf", "gzip", packed(t, raw), 200, true},
		{"JSON", "/v1/logs", "application/json; charset=utf-8", "", asJSON, 200, true},
		{"JSON, packed", "/v1/logs", "application/json", "gzip", packed(t, asJSON), 200, true},
		{"nothing", "/v1/metrics", "application/x-protobuf", "", nil, 200, false},
		{"what is no protobuf", "/v1/logs", "application/x-protobuf", "", []byte("hello, world"), 400, false},
		{"what is no JSON", "/v1/traces", "application/json", "", raw, 400, false},
		{"what is not packed", "/v1/logs", "application/x-protobuf", "gzip", raw, 400, false},
		{"another packing", "/v1/logs", "application/x-protobuf", "br", raw, 400, false},
		{"a form of a page", "/v1/logs", "text/plain", "", asJSON, 415, false},
		{"another path", "/v2/logs", "application/json", "", asJSON, 404, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, address, read := open(t, nil)
			if got := post(t, address+c.path, c.kind, c.encoding, c.body); got != c.want {
				t.Errorf("the answer is %d, want %d", got, c.want)
			}
			all := read()
			if (len(all) == 1) != c.read {
				t.Fatalf("%d readings", len(all))
			}
			if c.read && all[0].Usage[0].Tokens.Total() != 200 {
				t.Errorf("read %+v", all[0])
			}
		})
	}
}

func TestABombIsRefusedUnread(t *testing.T) {
	spans := &coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{}}}}}
	for range maxElements + 1 { // two bytes each, and some hundred when decoded
		spans.ResourceSpans[0].ScopeSpans[0].Spans = append(spans.ResourceSpans[0].ScopeSpans[0].Spans, &tracepb.Span{})
	}
	many, err := proto.Marshal(spans)
	if err != nil {
		t.Fatal(err)
	}
	r, address, read := open(t, nil)
	for name, body := range map[string][]byte{"20 MB of zeros": make([]byte, 20<<20), "very many spans": many, "just too large": make([]byte, maxUnpacked+1)} {
		if got := post(t, address+"/v1/traces", "application/x-protobuf", "gzip", packed(t, body)); got != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: the answer is %d", name, got)
		}
	}
	if got := post(t, address+"/v1/traces", "application/x-protobuf", "", make([]byte, maxBody+1)); got != http.StatusRequestEntityTooLarge {
		t.Errorf("too large as it is sent: the answer is %d", got)
	}
	if c := r.Counts(); c.Refused != 4 || c.Batches != 0 || len(read()) != 0 {
		t.Errorf("counts are %+v", c)
	}
}

func TestWhoIsNotKnownCountsForNobody(t *testing.T) {
	var m collogs.ExportLogsServiceRequest
	if err := proto.Unmarshal(captured(t, "claude-logs.pb"), &m); err != nil {
		t.Fatal(err)
	}
	for _, kv := range m.ResourceLogs[0].Resource.Attributes {
		if kv.Key == reading.RunKey {
			kv.Value.Value = nil
		}
	}
	unnamed, err := proto.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	foreign := bytes.ReplaceAll(captured(t, "claude-logs.pb"), []byte("a-1"), []byte("a-2"))
	r, address, read := open(t, nil)
	for _, body := range [][]byte{unnamed, foreign} {
		if got := post(t, address+"/v1/logs", "application/x-protobuf", "", body); got != 200 {
			t.Errorf("the answer is %d", got)
		}
	}
	if c := r.Counts(); len(read()) != 0 || c.Unattributed != 2 {
		t.Errorf("read %+v, counts %+v", read(), c)
	}
}

func TestAPageOfABrowserIsRefused(t *testing.T) {
	_, address, _ := open(t, nil)
	req, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/logs", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "http://evil.example")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("the answer is %s", res.Status)
	}
}

// call makes a unary call of gRPC, as the exporters do.
func call(t *testing.T, address, path, encoding string, frame []byte) (status string, answer []byte) {
	t.Helper()
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest(http.MethodPost, "http://"+address+path, bytes.NewReader(frame))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	if encoding != "" {
		req.Header.Set("Grpc-Encoding", encoding)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Trailer.Get("Grpc-Status"), answer
}

func frame(flag byte, body []byte) []byte {
	head := make([]byte, frameHead)
	head[0] = flag
	binary.BigEndian.PutUint32(head[1:], uint32(len(body)))
	return append(head, body...)
}

func TestGRPCIsSpoken(t *testing.T) {
	raw := captured(t, "codex-logs.pb")
	const path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
	for _, c := range []struct {
		name, encoding string
		frame          []byte
		want           string
		read           int
	}{
		{"plain", "", frame(0, raw), "0", 1},
		{"packed", "gzip", frame(1, packed(t, raw)), "0", 1},
		{"half a frame", "", frame(0, raw)[:100], "3", 0},
		{"packed, and nobody knows how", "", frame(1, packed(t, raw)), "3", 0},
		{"a bomb", "gzip", frame(1, packed(t, make([]byte, 20<<20))), "8", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, address, read := open(t, nil)
			status, answer := call(t, address, path, c.encoding, c.frame)
			if status != c.want || len(read()) != c.read {
				t.Errorf("status %s, %d readings", status, len(read()))
			}
			if c.want == "0" && !bytes.Equal(answer, make([]byte, frameHead)) {
				t.Errorf("the answer is %x", answer)
			}
		})
	}
}

// BenchmarkDecode tells what one span of a real program costs.
func BenchmarkDecode(b *testing.B) {
	body := captured(b, "codex-traces.pb")
	var m coltrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &m); err != nil {
		b.Fatal(err)
	}
	spans := 0
	for _, s := range m.ResourceSpans[0].ScopeSpans {
		spans += len(s.Spans)
	}
	r := reading.NewReader()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(r, traces, body, false); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*spans), "ns/span")
}
