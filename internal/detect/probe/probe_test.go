package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/procs"
)

type tools struct{ err error }

func (t tools) ToolOutput(context.Context, procs.Command, int64) ([]byte, error) { return nil, t.err }

func (t tools) RunTool(context.Context, procs.Command, []byte) error { return t.err }

func TestAsk(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
		case "/bad":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/elsewhere":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}
	}))
	defer web.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	file := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		target config.Target
		want   Answer
		why    string
	}{
		{config.Target{HTTP: web.URL}, Well, ""},
		{config.Target{HTTP: web.URL + "/elsewhere"}, Well, ""},
		{config.Target{HTTP: web.URL + "/bad"}, Unwell, "503"},
		{config.Target{HTTP: web.URL + "/slow"}, Unwell, "no answer within"},
		{config.Target{TCP: web.Listener.Addr().String()}, Well, ""},
		{config.Target{TCP: closed.Addr().String()}, Unwell, "refused"},
		{config.Target{DNS: "localhost"}, Well, ""},
		{config.Target{File: file}, Well, ""},
		{config.Target{File: file + "x"}, Unwell, "no such file"},
		{config.Target{Command: []string{"true"}}, Well, ""},
	} {
		got, why := Ask(t.Context(), row.target, 300*time.Millisecond, tools{})
		if got != row.want || !strings.Contains(why, row.why) {
			t.Errorf("%+v: got %d, %q", row.target, got, why)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _ := Ask(ended, config.Target{HTTP: web.URL}, time.Second, tools{}); got != Unknown {
		t.Errorf("a question that was not asked to the end: %d", got)
	}
}

// TestAskGRPC speaks with a server of the health protocol, as far as it goes.
func TestAskGRPC(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 64)
		n, _ := r.Body.Read(body)
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		status := byte(serving)
		switch {
		case r.URL.Path != healthMethod || r.ProtoMajor != 2:
			w.Header().Set("Grpc-Status", "12")
			return
		case strings.HasSuffix(string(body[:n]), "ill"):
			status = 2
		case strings.HasSuffix(string(body[:n]), "unknown"):
			w.Header().Set("Grpc-Status", "5")
			return
		}
		_, _ = w.Write([]byte{0, 0, 0, 0, 2, 1 << 3, status})
		w.Header().Set("Grpc-Status", "0")
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	for service, want := range map[string]Answer{"": Well, "fine": Well, "ill": Unwell, "unknown": Unwell} {
		got, why := Ask(t.Context(), config.Target{GRPC: server.Listener.Addr().String(), Service: service}, 2*time.Second, tools{})
		if got != want {
			t.Errorf("service %q: got %d, %s", service, got, why)
		}
	}
}

func TestJudge(t *testing.T) {
	three := config.Schedule{Failures: 3, Of: 5, Startup: time.Minute}
	for _, row := range []struct {
		name    string
		answers string // w well, u unwell, ? unknown; a second apart, from begin
		begin   time.Duration
		failed  bool
	}{
		{"well", "wwww", 0, false},
		{"two of five", "wuwuww", 0, false},
		{"three of five", "wuwuwu", 0, true},
		{"well again", "wuuuw", 0, false},
		{"while it starts", "uuuuuu", 0, false},
		{"when that takes too long", "uuu", time.Minute, true},
		{"unknown is no failure", "w?????", 0, false},
		{"and no success", "wuuu???", 0, true},
	} {
		j := Judge{Schedule: three}
		var v Verdict
		for i, c := range row.answers {
			v = j.Add(map[rune]Answer{'w': Well, 'u': Unwell, '?': Unknown}[c], "", row.begin+time.Duration(i)*time.Second)
		}
		if v.Failed != row.failed {
			t.Errorf("%s: failed is %v", row.name, v.Failed)
		}
	}
}

func FuzzHealthStatus(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 2, 8, 1})
	f.Fuzz(func(_ *testing.T, frame []byte) { healthStatus(frame) })
}
