package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"

	"healer-sidecar/testlab"
)

// knock is one request to the page, and the codes of which one must come.
type knock struct {
	method, path, host, origin, site, kind, token, body string
	want                                                []int
}

// hostilePage asks the real page as no browser of the operator would.
func hostilePage(l *testlab.Lab) (string, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := free.Addr().String()
	free.Close()
	if err := l.Start(fmt.Sprintf("page {\n  listen = %q\n  allow_actions = true\n}\n", address) + policy(l, "", "")); err != nil {
		return "", err
	}
	link, err := l.Verb("page")
	if err != nil {
		return "", err
	}
	_, token, _ := strings.Cut(strings.TrimSpace(link), "#token=")
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	_, port, _ := strings.Cut(address, ":")
	order := `{"command":"stop","agent":"a"}`
	knocks := []knock{
		{method: "GET", path: "/", want: []int{200}},
		{method: "GET", path: "/", host: "evil.test", want: []int{400, 421}},
		{method: "GET", path: "/", host: "localhost.:" + port, want: []int{400, 421}},
		{method: "GET", path: "/", host: "LOCALHOST.evil:" + port, want: []int{400, 421}},
		{method: "GET", path: "/", host: "127.0.0.1:1", want: []int{400, 421}},
		{method: "GET", path: "/api/status", want: []int{403}},
		{method: "GET", path: "/api/status?token=" + token, want: []int{403}},
		{method: "GET", path: "/api/status", token: token, want: []int{200}},
		{method: "POST", path: "/api/orders", body: order, kind: "application/json", want: []int{403}},
		{method: "POST", path: "/api/orders", body: order, kind: "application/json", token: token, origin: "http://evil.test", want: []int{403}},
		{method: "POST", path: "/api/orders", body: order, kind: "application/json", token: token, site: "cross-site", want: []int{403}},
		{method: "POST", path: "/api/orders", body: order, kind: "text/plain", token: token, want: []int{403, 405, 409, 415}},
		{method: "GET", path: "/api/orders", token: token, want: []int{403, 404, 405}},
		{method: "PUT", path: "/api/orders", token: token, body: order, want: []int{403, 404, 405}},
	}
	for i, k := range knocks {
		if err := k.try(address); err != nil {
			return "", fmt.Errorf("request %d: %w", i+1, err)
		}
	}
	after, err := l.Agent()
	if err != nil || after.Process.PID != before.Process.PID || after.Desired != "up" {
		return "", fmt.Errorf("the agent was touched: %+v, %w", after, err)
	}
	return fmt.Sprintf("%d requests answered as they must be, nothing changed", len(knocks)), nil
}

func (k knock) try(address string) error {
	req, err := http.NewRequest(k.method, "http://"+address+k.path, strings.NewReader(k.body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"Origin": k.origin, "Sec-Fetch-Site": k.site, "Content-Type": k.kind} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if k.token != "" {
		req.Header.Set("Authorization", "Bearer "+k.token)
	}
	if k.host != "" {
		req.Host = k.host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
	for _, code := range k.want {
		if resp.StatusCode == code {
			return nil
		}
	}
	return fmt.Errorf("%s %s (host %q, origin %q) is answered with %d: %s", k.method, k.path, k.host, k.origin, resp.StatusCode, body)
}

// unitFiles lets systemd's own tool judge the units that are shipped.
func unitFiles(*testlab.Lab) (string, error) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		return "", skipped{"systemd-analyze is not installed"}
	}
	said := []string{}
	for unit, threshold := range map[string]string{"healer-sidecar": "25", "healer-sidecar-root": "50"} {
		path := "packaging/systemd/" + unit + ".service"
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold="+threshold, path).CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if err != nil {
			return "", fmt.Errorf("%s: %w: %s", unit, err, lines[len(lines)-1])
		}
		said = append(said, strings.TrimSpace(strings.TrimPrefix(lines[len(lines)-1], "→")))
	}
	return strings.Join(said, "; "), nil
}

// hostileWords lets a real browser show what agents print; the test of the page does that.
func hostileWords(*testlab.Lab) (string, error) {
	out, err := exec.Command("go", "test", "-count=1", "-v", "-run", "^TestThePageShowsHostileWordsAsWords$", "./internal/web").CombinedOutput()
	text := string(out)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %s", err, last(text, 5))
	case strings.Contains(text, "--- SKIP"):
		return "", skipped{"no Chromium to show the page"}
	case !strings.Contains(text, "--- PASS"):
		return "", fmt.Errorf("the test did not run: %s", last(text, 5))
	}
	return "every view shown in Chromium: words stay words", nil
}

// clockSteps would move the clock of everybody on this machine.
func clockSteps(*testlab.Lab) (string, error) {
	return "", skipped{"the clock of this machine is not ours to move: make test-vm moves that of a guest"}
}
