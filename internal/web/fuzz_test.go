package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzHost: only names of ours are answered, however they are written.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"localhost", "127.0.0.1", "[::1]", "evil.test", "localhost.", "LOCALHOST", "localhost:80:80", "", "a@localhost", "localhost#x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Host = host
		if !named(req, []string{"sidecar.internal"}) {
			return
		}
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = host
		}
		switch name {
		case "localhost", "127.0.0.1", "::1", "sidecar.internal":
		default:
			t.Errorf("%q is taken for one of ours", host)
		}
		if strings.ContainsAny(name, "/@#?") {
			t.Errorf("%q is answered", host)
		}
	})
}
