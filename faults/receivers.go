package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// badReceivers: webhooks that hang, fail, redirect, answer a gigabyte, show a wrong
// certificate or send a byte now and then. Healing goes on as with a good one.
func badReceivers(l *testlab.Lab) (string, error) {
	var elsewhere, sent atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	ended := make(chan struct{})
	answers := map[string]http.HandlerFunc{
		"good":     func(http.ResponseWriter, *http.Request) {},
		"hangs":    func(_ http.ResponseWriter, r *http.Request) { waitFor(ended, r) },
		"fails":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"floods": func(w http.ResponseWriter, _ *http.Request) {
			for chunk := strings.Repeat("x", 1<<20); sent.Load() < 1<<30; {
				n, err := io.WriteString(w, chunk)
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		},
		"drips": func(w http.ResponseWriter, r *http.Request) {
			for range 3600 {
				if _, err := io.WriteString(w, "."); err != nil || r.Context().Err() != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(100 * time.Millisecond)
			}
		},
	}
	defer close(ended)
	good := httptest.NewServer(answers["good"])
	defer good.Close()
	usual, err := healsIn(l, fmt.Sprintf("notify \"good\" {\n  url = %q\n}\n", good.URL))
	if err != nil {
		return "", err
	}
	ways := ""
	for name, answer := range answers {
		server := httptest.NewServer(answer)
		defer server.CloseClientConnections()
		ways += fmt.Sprintf("notify %q {\n  url = %q\n  timeout = \"1s\"\n}\n", name, server.URL)
	}
	wrong, err := tlsListener()
	if err != nil {
		return "", err
	}
	defer wrong.Close()
	ways += fmt.Sprintf("notify \"certificate\" {\n  url = \"https://%s/\"\n  timeout = \"1s\"\n}\n", wrong.Addr())
	bad, err := healsIn(l, ways)
	switch {
	case err != nil:
		return "", err
	case elsewhere.Load() > 0:
		return "", fmt.Errorf("a redirect was followed")
	case sent.Load() > 16<<20:
		return "", fmt.Errorf("%d bytes of an answer were taken", sent.Load())
	case bad > usual*3/2+200*time.Millisecond:
		return "", fmt.Errorf("healing took %s, with a good receiver %s", bad, usual)
	}
	return fmt.Sprintf("healed in %s, with a good one in %s; no redirect followed, %d KiB of a gigabyte taken", bad.Round(time.Millisecond), usual.Round(time.Millisecond), sent.Load()>>10), nil
}

func waitFor(ended chan struct{}, r *http.Request) {
	select {
	case <-ended:
	case <-r.Context().Done():
	}
}

// tlsListener has a certificate that nobody trusts.
func tlsListener() (net.Listener, error) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.StartTLS()
	cert := s.TLS.Certificates[0]
	s.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return nil, err
	}
	go func() { _ = http.Serve(l, http.NotFoundHandler()) }()
	return l, nil
}

// healsIn tells people of one agent and, at once, heals another; it returns how long the
// other took from its death to its next start, in the middle of five.
func healsIn(l *testlab.Lab, ways string) (time.Duration, error) {
	p := ways + fmt.Sprintf("host {\n  restarts = 1000\n}\nagent \"told\" {\n  command = [\"sh\", \"-c\", \"echo 'FATAL: config invalid'; exit 78\"]\n  dir = %q\n}\n", l.Dir) +
		fmt.Sprintf("agent \"a\" {\n  command = [\"sh\", \"-c\", \"sleep 0.3; exit 1\"]\n  dir = %q\n  heal {\n    budget {\n      attempts = 1000\n    }\n    backoff {\n      base = \"0s\"\n    }\n    strategy \"retry\" {\n      tries = 1000\n    }\n    on \"unknown\" {\n      strategies = [\"retry\"]\n    }\n  }\n}\n", l.Dir)
	if err := l.Start(p); err != nil {
		return 0, err
	}
	defer func() { _ = l.Stop() }()
	before := l.Count(heal.EventStarted)
	begun := time.Now()
	err := testlab.Wait("it is started again and again", func() bool { return l.Count(heal.EventStarted) >= before+7 })
	return time.Since(begun) / 7, err
}
