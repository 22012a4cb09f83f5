package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// provider is what all agents need. It counts the starts of agents, and takes pages.
type provider struct {
	url string

	mu     sync.Mutex
	down   bool
	starts []time.Time
	pages  []string
	// seen is when each agent was last served.
	seen map[string]time.Time
	// began is when each agent last started.
	began map[string]time.Time
}

func newProvider() (*provider, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &provider{url: "http://" + listener.Addr().String(), seen: map[string]time.Time{}, began: map[string]time.Time{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/work", p.work)
	mux.HandleFunc("/page", p.page)
	go func() { _ = http.Serve(listener, mux) }()
	return p, nil
}

func (p *provider) work(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := r.FormValue("who")
	if r.FormValue("start") != "" {
		p.starts = append(p.starts, time.Now())
		p.began[who] = time.Now()
	}
	if p.down {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "rate limited", http.StatusTooManyRequests)
		return
	}
	p.seen[who] = time.Now()
}

func (p *provider) page(_ http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages = append(p.pages, string(raw))
}

// set kills the provider or lets it live again.
func (p *provider) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// clear forgets what was counted.
func (p *provider) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starts, p.pages = nil, nil
}

// served is how many agents were served lately.
func (p *provider) served() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, at := range p.seen {
		if time.Since(at) < 3*workEvery {
			n++
		}
	}
	return n
}

// workEvery is how often an agent asks the provider.
const workEvery = time.Second

// agent works for as long as the provider answers.
func agent(url string) {
	client := &http.Client{Timeout: 5 * time.Second}
	who, start := os.Getenv("WHO"), "1"
	for {
		r, err := client.Get(url + "/work?who=" + who + "&start=" + start)
		if err != nil {
			fmt.Fprintf(os.Stderr, "error: cannot reach the model provider: %v\n", err)
			os.Exit(1)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			fmt.Fprintf(os.Stderr, "error: model provider answered 429 Too Many Requests, retry-after: %s\n", r.Header.Get("Retry-After"))
			os.Exit(1)
		}
		start = ""
		time.Sleep(workEvery)
	}
}
