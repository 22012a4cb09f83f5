package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// taken is what a collector got.
type taken struct {
	path, kind, encoding, auth string
	body                       []byte
}

func collector(t *testing.T, status func() int) (address string, got chan taken) {
	t.Helper()
	got = make(chan taken, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		code := status()
		if w.WriteHeader(code); code == http.StatusOK {
			got <- taken{q.URL.Path, q.Header.Get("Content-Type"), q.Header.Get("Content-Encoding"), q.Header.Get("Authorization"), b}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func always(code int) func() int { return func() int { return code } }

func queue(t *testing.T, dir, target string, most int64) *Queue {
	t.Helper()
	q, err := OpenQueue(dir, target, map[string]string{"Authorization": "Bearer x"}, most)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func run(t *testing.T, q *Queue) {
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		q.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		end()
		<-done
	})
}

func TestWhatIsForwardedIsTheSameBytes(t *testing.T) {
	target, got := collector(t, always(http.StatusOK))
	q := queue(t, filepath.Join(t.TempDir(), "q"), target+"/", 1<<20)
	run(t, q)
	_, address, _ := open(t, q)
	raw := captured(t, "claude-logs.pb")
	zipped := packed(t, raw)
	for _, c := range []struct {
		path, kind, encoding string
		body                 []byte
	}{
		{"/v1/logs", "application/x-protobuf", "", raw}, {"/v1/logs", "application/x-protobuf", "gzip", zipped},
		{"/v1/logs", "application/json", "", captured(t, "gemini-logs.json")},
	} {
		if code := post(t, address+c.path, c.kind, c.encoding, c.body); code != 200 {
			t.Fatalf("the answer is %d", code)
		}
		if one := <-got; one.path != c.path || one.kind != c.kind || one.encoding != c.encoding || one.auth != "Bearer x" || !bytes.Equal(one.body, c.body) {
			t.Errorf("%s %s %q arrived with %d bytes", one.path, one.kind, one.encoding, len(one.body))
		}
	}
	call(t, address, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", "gzip", frame(1, zipped))
	if one := <-got; one.path != "/v1/logs" || one.encoding != "gzip" || !bytes.Equal(one.body, zipped) {
		t.Errorf("of gRPC: %s %q arrived with %d bytes", one.path, one.encoding, len(one.body))
	}
}

func TestACollectorThatIsDownLosesNothingAndSlowsNobody(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	target, got := collector(t, func() int {
		if down.Load() {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	dir := filepath.Join(t.TempDir(), "q")
	q := queue(t, dir, target, 1<<20)
	run(t, q)
	const all = 200
	for i := range all {
		begun := time.Now()
		q.Put(Item{Path: "/v1/logs", Type: "application/x-protobuf", Body: fmt.Append(nil, i)})
		if took := time.Since(begun); took > time.Second {
			t.Fatalf("a batch had to wait for %s", took)
		}
	}
	down.Store(false)
	for i := range all {
		if one := <-got; string(one.body) != fmt.Sprint(i) {
			t.Fatalf("batch %d is %q", i, one.body)
		}
	}
	if s := q.Status(); s.Dropped != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTheQueueOutlivesTheSidecarAndIsBounded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "q")
	target, got := collector(t, always(http.StatusOK))
	q := queue(t, dir, target, 10_000)
	for i := range 100 {
		q.Put(Item{Path: "/v1/logs", Type: "application/x-protobuf", Body: append(fmt.Appendf(nil, "%02d", i), make([]byte, 500)...)})
	}
	s := q.Status()
	if s.Bytes > 10_000 || s.Waiting == 0 || int(s.Dropped)+s.Waiting != 100 {
		t.Fatalf("%+v", s)
	}
	// What was being written when the sidecar was killed is not whole.
	if err := os.WriteFile(filepath.Join(dir, "00000000000000000999.otlp.part"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "00000000000000000000.otlp"), []byte(`{"path":"/v1/logs","length":99}`+"\nabc"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := queue(t, dir, target, 10_000)
	run(t, again)
	for i := 100 - s.Waiting; i < 100; i++ {
		if one := <-got; string(one.body[:2]) != fmt.Sprintf("%02d", i) {
			t.Fatalf("batch %d is %q", i, one.body[:2])
		}
	}
	again.Put(Item{Path: "/v1/logs", Type: "application/x-protobuf", Body: []byte("later")})
	if one := <-got; string(one.body) != "later" {
		t.Errorf("then came %q", one.body)
	}
}

func TestWhatACollectorRefusesIsNotTriedForever(t *testing.T) {
	codes := make(chan int, 2)
	codes <- http.StatusBadRequest
	codes <- http.StatusOK
	target, got := collector(t, func() int { return <-codes })
	q := queue(t, filepath.Join(t.TempDir(), "q"), target, 1<<20)
	q.Put(Item{Path: "/v1/logs", Body: []byte("bad")})
	q.Put(Item{Path: "/v1/logs", Body: []byte("good")})
	run(t, q)
	if one := <-got; string(one.body) != "good" {
		t.Errorf("%q arrived", one.body)
	}
}

func TestTriesBecomeRare(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, filepath.Join(dir, "q"), "http://127.0.0.1:1", 1<<20)
		q.client.Transport = fails{}
		q.Put(Item{Path: "/v1/logs", Body: []byte("x")})
		ctx, end := context.WithTimeout(t.Context(), time.Hour)
		defer end()
		tries.Store(0)
		q.Run(ctx)
		if n := tries.Load(); n < 100 || n > 150 {
			t.Errorf("%d tries in an hour", n)
		}
		if s := q.Status(); s.Waiting != 1 || s.Failure == "" {
			t.Errorf("%+v", s)
		}
	})
}

var tries atomic.Int64

// fails is a network without anybody.
type fails struct{}

func (fails) RoundTrip(*http.Request) (*http.Response, error) {
	tries.Add(1)
	return nil, io.ErrUnexpectedEOF
}
