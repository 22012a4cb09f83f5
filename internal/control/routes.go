package control

import (
	"encoding/json"
	"fmt"
	"net/http"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/httpjson"
)

// route is one thing that can be asked. From the list of them the server and its description
// are made.
type route struct {
	method, path, what string
	class              Class
	// query are the parameters, by name, with what they are.
	query map[string]string
	// body and answer are examples of the types; nil for none. Stream says that the answer is
	// one JSON value on each line.
	body, answer any
	stream       bool
	handle       func(*Server) http.HandlerFunc
}

// get is a route that is answered by a value.
func get(path, what string, query map[string]string, example any, ask func(*Server, *http.Request) (any, error)) route {
	return route{method: "GET", path: path, what: what, class: Read, query: query, answer: example, handle: func(s *Server) http.HandlerFunc {
		return httpjson.Answer(func(r *http.Request) (any, error) { return ask(s, r) })
	}}
}

// routes are all, version 1.
func routes() []route {
	return []route{
		get("/v1/status", "How the agents and the sidecar stand", nil, heal.SidecarStatus{}, func(s *Server, r *http.Request) (any, error) {
			return s.backend.Status(r.Context())
		}),
		get("/v1/stats", "Sums over all incidents", nil, heal.Stats{}, func(s *Server, r *http.Request) (any, error) {
			return s.backend.Stats(r.Context())
		}),
		get("/v1/patterns", "What was learned", map[string]string{"agent": "only of this agent"}, []heal.PatternStats{}, func(s *Server, r *http.Request) (any, error) {
			return s.backend.Patterns(r.Context(), r.URL.Query().Get("agent"))
		}),
		get("/v1/snapshots", "The good generations of an agent", map[string]string{"agent": "the agent", "changes": "true: with what is different now"}, []heal.Generation{}, func(s *Server, r *http.Request) (any, error) {
			q := r.URL.Query()
			return s.backend.Snapshots(r.Context(), q.Get("agent"), q.Get("changes") == "true")
		}),
		get("/v1/knowledge", "What may be told to other hosts", map[string]string{"templates": "true: with the words of failures"}, heal.Knowledge{}, func(s *Server, r *http.Request) (any, error) {
			return s.backend.Knowledge(r.Context(), r.URL.Query().Get("templates") == "true")
		}),
		get("/v1/openapi.json", "This description", nil, map[string]any{}, func(*Server, *http.Request) (any, error) { return Describe(), nil }),
		{
			method: "GET", path: "/v1/events", what: "What happened, oldest first", class: Read, answer: heal.Event{}, stream: true,
			query:  map[string]string{"after": "only what follows this sequence number", "follow": "true: go on with what happens next"},
			handle: func(s *Server) http.HandlerFunc { return s.events },
		},
		{
			method: "GET", path: "/v1/logs", what: "Lines of an agent's output", class: Read, answer: heal.LogLine{}, stream: true,
			query:  map[string]string{"agent": "the agent", "last": "how many of the last lines of each stream", "follow": "true: go on with what is printed next"},
			handle: func(s *Server) http.HandlerFunc { return s.logs },
		},
		{
			method: "POST", path: "/v1/orders", what: "Give an order; the answer comes when it was carried out. Orders on agents are of the class act, others of the class admin", class: Act, body: heal.Order{}, answer: struct{}{},
			handle: func(s *Server) http.HandlerFunc { return bounded(maxBody, httpjson.Answer(s.order)) },
		},
		{
			method: "POST", path: "/v1/knowledge", what: "Take in what another host has learned", class: Admin, body: heal.Knowledge{}, answer: Taken{},
			handle: func(s *Server) http.HandlerFunc { return bounded(MaxKnowledge, httpjson.Answer(s.hear)) },
		},
	}
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes() {
		handle := route.handle(s)
		mux.HandleFunc(route.method+" "+route.path, func(w http.ResponseWriter, r *http.Request) {
			if err := s.may(caller(r), route.class, route.method+" "+route.path); err != nil {
				httpjson.Fail(w, http.StatusForbidden, err)
				return
			}
			handle(w, r)
		})
	}
	return mux
}

// may refuses who is not allowed, and has that recorded.
func (s *Server) may(who peer, class Class, what string) error {
	if s.access.allows(who, class) {
		return nil
	}
	s.backend.Refused(who.uid, who.pid, what)
	return fmt.Errorf("refused: not_allowed: uid %d may not do this; it is of the class %s", who.uid, class)
}

func (s *Server) order(r *http.Request) (any, error) {
	var o heal.Order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		return nil, fmt.Errorf("cannot read order: %w", err)
	}
	who := caller(r)
	if err := s.may(who, classOf(o.Command), "order "+string(o.Command)); err != nil {
		return nil, err
	}
	o.UID, o.PID = who.uid, who.pid
	return struct{}{}, s.backend.Order(r.Context(), o)
}
