package mcp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const secret = "0123456789abcdef0123456789abcdef"

func TestOverHTTPOnlyKnownCallersAreAnswered(t *testing.T) {
	web := httptest.NewServer(Handler(New(operator(&fakeSidecar{}, false)), secret))
	defer web.Close()
	ask := `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`
	for _, row := range []struct {
		name, method, body string
		header             map[string]string
		want               int
	}{
		{"another host", "POST", ask, map[string]string{"Host": "evil.example"}, 403},
		{"another origin", "POST", ask, map[string]string{"Origin": "http://evil.example"}, 403},
		{"across sites", "POST", ask, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"text", "POST", ask, map[string]string{"Content-Type": "text/plain"}, 415},
		{"no token", "POST", ask, map[string]string{"Authorization": ""}, 401},
		{"a wrong token", "POST", ask, map[string]string{"Authorization": "Bearer " + strings.Repeat("0", 32)}, 401},
		{"get", "GET", "", nil, 405},
		{"get without a token", "GET", "", map[string]string{"Authorization": ""}, 405},
		{"delete", "DELETE", "", nil, 405},
		{"two megabytes", "POST", `{"jsonrpc":"2.0","id":1,"method":"x` + strings.Repeat("x", 2<<20) + `"}`, nil, 413},
		{"a call", "POST", ask, nil, 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), row.method, web.URL, strings.NewReader(row.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{
			"Authorization": {"Bearer " + secret}, "Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
		}
		for name, value := range row.header {
			req.Header.Set(name, value)
		}
		req.Host = row.header["Host"]
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != row.want {
			t.Errorf("%s: answered %d, want %d: %.200s", row.name, resp.StatusCode, row.want, body)
		}
	}
}

// TestBothProtocolGenerationsWork: with a handshake (2025-11-25) and without one (2026-07-28).
func TestBothProtocolGenerationsWork(t *testing.T) {
	web := httptest.NewServer(Handler(New(operator(&fakeSidecar{}, false)), secret))
	defer web.Close()
	for _, version := range []string{"2025-11-25", "2026-07-28"} {
		client := sdk.NewClient(&sdk.Implementation{Name: "tester", Version: "1"}, nil)
		c, err := client.Connect(t.Context(), &sdk.StreamableClientTransport{
			Endpoint: web.URL, HTTPClient: &http.Client{Transport: bearer{}},
		}, &sdk.ClientSessionOptions{ProtocolVersion: version})
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		if v, wrong := call(t, c, "healer_status", nil); wrong != "" || v["version"] != "v" {
			t.Errorf("%s: %v %q", version, v, wrong)
		}
		list, err := c.ListTools(t.Context(), nil)
		if err != nil || version == "2026-07-28" && list.CacheScope != "private" {
			t.Errorf("%s: %+v %v", version, list, err)
		}
		c.Close()
	}
}

type bearer struct{}

func (bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+secret)
	return http.DefaultTransport.RoundTrip(r)
}
