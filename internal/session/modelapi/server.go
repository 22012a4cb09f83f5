package modelapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Reply is one scripted answer. The zero value is an empty text.
type Reply struct {
	// Text is what the model says, Command what it asks the agent's shell tool to run.
	Text, Command string
	// Thinking is reported before the answer.
	Thinking string
	// Status other than zero is an error with Body and Header.
	Status int
	Body   string
	Header map[string]string
	// Hang never answers, HangMid stops in the middle of the answer; both until the client leaves.
	Hang, HangMid bool
	// Stop is the reason why the model stopped, in the words of the provider; empty for the usual one.
	Stop string
}

// Server answers the requests of one agent in the order of its script. The last reply repeats.
type Server struct {
	*httptest.Server
	mu      sync.Mutex // guards everything below
	script  []Reply
	served  int
	unknown []string
}

// request is what matters of any provider's request.
type request struct {
	// Tools are the names of the offered tools, the shell first where it is known.
	shell  string
	offers bool
	stream bool
}

// New starts a server; the test must close it.
func New(script ...Reply) *Server {
	s := &Server{script: script}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Served is how many scripted replies were given.
func (s *Server) Served() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served
}

// Unknown are requests for addresses that the server does not know.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.unknown...)
}

// next takes the next reply of the script. A request that offers no tools is for a side matter, as a
// title, and takes none.
func (s *Server) next(r request) (Reply, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := s.script[min(s.served, len(s.script)-1)]
	if !r.offers && reply.Status == 0 && !reply.Hang && !reply.HangMid {
		return Reply{Text: "side"}, s.served
	}
	s.served++
	return reply, s.served
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/count_tokens"), strings.Contains(path, ":countTokens"):
		fmt.Fprint(w, `{"input_tokens":10,"totalTokens":10}`)
	case strings.HasSuffix(path, "/messages"):
		s.reply(w, r, body, anthropic{})
	case strings.HasSuffix(path, "/responses"):
		s.reply(w, r, body, openai{})
	case strings.Contains(path, "GenerateContent"), strings.Contains(path, ":generateContent"):
		s.reply(w, r, body, gemini{})
	default:
		s.mu.Lock()
		s.unknown = append(s.unknown, r.Method+" "+path)
		s.mu.Unlock()
		http.Error(w, `{"error":{"type":"not_found_error","message":"not found"}}`, http.StatusNotFound)
	}
}

// provider is one interface.
type provider interface {
	read(path string, body []byte) request
	// events are the parts of a streamed answer.
	events(r Reply, q request, n int) []string
}

func (s *Server) reply(w http.ResponseWriter, r *http.Request, body []byte, p provider) {
	q := p.read(r.URL.Path, body)
	reply, n := s.next(q)
	if reply.Hang {
		<-r.Context().Done()
		return
	}
	if reply.Status != 0 {
		w.Header().Set("Content-Type", "application/json")
		for k, v := range reply.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(reply.Status)
		fmt.Fprint(w, reply.Body)
		return
	}
	events := p.events(reply, q, n)
	if !q.stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, strings.TrimPrefix(events[len(events)-1], "data: "))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if reply.HangMid {
		events = events[:len(events)/2+1]
	}
	for _, e := range events {
		fmt.Fprint(w, e, "\n\n")
		w.(http.Flusher).Flush()
	}
	if reply.HangMid {
		<-r.Context().Done()
	}
}

func event(kind string, v map[string]any) string {
	v["type"] = kind
	return "event: " + kind + "\ndata: " + text(v)
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
