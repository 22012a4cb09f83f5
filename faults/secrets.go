package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// secretsLeak puts secrets where programs have them, lets the agent fail, be isolated and
// told of, and looks for them in everything that the sidecar keeps, says and sends.
func secretsLeak(l *testlab.Lab) (string, error) {
	var mu sync.Mutex
	var posted bytes.Buffer
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&posted, r.Body)
	}))
	defer hook.Close()
	if err := os.WriteFile(l.Path("words"), []byte(strings.Join(saidSecrets(), "\n")+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(l.Path("token"), []byte(canary(9)), 0o600); err != nil {
		return "", err
	}
	p := fmt.Sprintf("notify \"n\" {\n  url = \"%s/hooks/%s\"\n}\n", hook.URL, canary(10)) +
		shell(l, "sleep 0.2; cat words; sleep 1000", fmt.Sprintf("  env = { API_TOKEN = %q }\n  credentials = [\"token\"]\n", canary(11))+
			"  detect \"log\" \"stdout\" {\n    rule \"guardrail\" {\n      match = \"GUARDRAIL VIOLATION\"\n      type = \"safety_violation\"\n    }\n  }\n")
	if err := l.Start(p); err != nil {
		return "", err
	}
	if err := testlab.Wait("it is isolated", func() bool { return l.Count(heal.EventHeld) > 0 }); err != nil {
		return "", err
	}
	var texts bytes.Buffer
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"events"}, {"events", "--json"}, {"explain"}, {"explain", "--json"}, {"stats", "--json"}, {"patterns", "--json"}} {
		out, err := l.Verb(args...)
		if err != nil {
			return "", err
		}
		texts.WriteString(out)
	}
	_ = l.Cmd.Process.Signal(syscall.SIGQUIT) // forwarded to the agent, which is frozen
	if err := l.Stop(); err != nil {
		return "", err
	}
	texts.WriteString(l.Log())
	mu.Lock()
	texts.Write(posted.Bytes())
	told := posted.Len()
	mu.Unlock()
	files, err := keptBySidecar(l, &texts)
	if err != nil {
		return "", err
	}
	for n := range 12 {
		if i := bytes.Index(texts.Bytes(), []byte(canary(n))); i >= 0 {
			return "", fmt.Errorf("secret %d leaked: %q", n, texts.Bytes()[max(0, i-80):min(texts.Len(), i+40)])
		}
	}
	if told == 0 {
		return "", fmt.Errorf("nobody was told")
	}
	return fmt.Sprintf("12 secrets, 0 hits in %d files, 8 answers, the log and %d bytes that were posted", files, told), nil
}

// canary is a secret that nobody guesses.
func canary(n int) string { return fmt.Sprintf("c4n4ry%02dZq9Xv7Lm3Kp5", n) }

// saidSecrets are lines of output with the secrets 0 to 8.
func saidSecrets() []string {
	return []string{
		"FATAL: login failed with password=" + canary(0),
		"connecting to postgres://app:" + canary(1) + "@db.internal/x failed",
		"request had Authorization: Bearer " + canary(2),
		`{"level":"error","msg":"upstream refused","api_key":"` + canary(3) + `"}`,
		"export AWS_SECRET_ACCESS_KEY=" + canary(4),
		"using token sk-" + canary(5) + "AAAABBBBCCCC",
		"Set-Cookie: session=" + canary(6) + "; HttpOnly",
		"client_secret: '" + canary(7) + "'",
		"GUARDRAIL VIOLATION: private_key=" + canary(8),
	}
}

// keptBySidecar reads all that is in the state directory but the agents' own output.
func keptBySidecar(l *testlab.Lab, into *bytes.Buffer) (n int, err error) {
	err = filepath.WalkDir(l.State(), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(path, filepath.Join(l.State(), "agents")) {
			return err
		}
		b, err := os.ReadFile(path)
		into.Write(b)
		n++
		return err
	})
	return n, err
}
