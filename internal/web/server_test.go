package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// TestOnlyTheRightOnesAreAnswered is FAULTS.md P39 and P40 without a browser.
func TestOnlyTheRightOnesAreAnswered(t *testing.T) {
	b := &backend{}
	address := served(t, b, true)
	_, port, _ := strings.Cut(address, ":")
	token := "Bearer " + secret
	for _, c := range []struct {
		name, method, path string
		header             map[string]string
		host, body         string
		want               int
	}{
		{"the page", "GET", "/", nil, "", "", 200},
		{"a style", "GET", "/style.css", nil, "", "", 200},
		{"no token", "GET", "/api/status", nil, "", "", 403},
		{"a wrong token", "GET", "/api/status", map[string]string{"Authorization": "Bearer " + strings.Repeat("0", 32)}, "", "", 403},
		{"the token in the query", "GET", "/api/status?token=" + secret, nil, "", "", 403},
		{"the token", "GET", "/api/status", map[string]string{"Authorization": token}, "", "", 200},
		{"localhost", "GET", "/", nil, "localhost:" + port, "", 200},
		{"a declared name", "GET", "/", nil, "sidecar.internal:" + port, "", 200},
		{"another host", "GET", "/", nil, "evil.test", "", 421},
		{"another host with our port", "GET", "/", nil, "evil.test:" + port, "", 421},
		{"a trailing dot", "GET", "/", nil, "localhost.:" + port, "", 421},
		{"another port", "GET", "/", nil, "localhost:1", "", 421},
		{"an order", "POST", "/api/orders", map[string]string{"Authorization": token, "Content-Type": "application/json"}, "", `{"command":"stop","agent":"rogue"}`, 200},
		{"an order of another site", "POST", "/api/orders", map[string]string{"Authorization": token, "Content-Type": "application/json", "Origin": "http://evil.test"}, "", `{"command":"stop","agent":"rogue"}`, 403},
		{"an order across sites", "POST", "/api/orders", map[string]string{"Authorization": token, "Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, "", `{"command":"stop","agent":"rogue"}`, 403},
		{"an order as a form", "POST", "/api/orders", map[string]string{"Authorization": token, "Content-Type": "text/plain"}, "", `{"command":"stop","agent":"rogue"}`, 409},
		{"an order without a token", "POST", "/api/orders", map[string]string{"Content-Type": "application/json"}, "", `{"command":"stop","agent":"rogue"}`, 403},
		{"an order by GET", "GET", "/api/orders", map[string]string{"Authorization": token}, "", "", 404},
		{"an order that is not for a page", "POST", "/api/orders", map[string]string{"Authorization": token, "Content-Type": "application/json"}, "", `{"command":"upgrade"}`, 409},
		{"an upgrade to a web socket", "GET", "/api/stream", map[string]string{"Upgrade": "websocket", "Connection": "Upgrade"}, "", "", 403},
	} {
		req, err := http.NewRequest(c.method, "http://"+address+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range c.header {
			req.Header.Set(k, v)
		}
		if c.host != "" {
			req.Host = c.host
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.want && !(c.want == 404 && resp.StatusCode == 405) {
			t.Errorf("%s: %d, want %d: %.100s", c.name, resp.StatusCode, c.want, body)
		}
		if c.want == 421 && len(body) > 0 {
			t.Errorf("%s: answered %q", c.name, body)
		}
	}
	if all := b.given(); len(all) != 1 || all[0].Command != heal.CommandStop || all[0].UID != 7 || all[0].Via != "page" {
		t.Errorf("orders %+v: want one", all)
	}
}

// TestAPageThatOnlyLooks gives no orders.
func TestAPageThatOnlyLooks(t *testing.T) {
	b := &backend{}
	req, _ := http.NewRequest("POST", "http://"+served(t, b, false)+"/api/orders", strings.NewReader(`{"command":"stop","agent":"rogue"}`))
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 409 || !strings.Contains(string(body), "allow_actions") || len(b.given()) != 0 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
