// Package web serves the page: what is going on, on loopback, behind a token, and actions
// only where the policy allows them.
package web

import (
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/httpjson"
)

//go:embed page
var files embed.FS

// Backend is what the page shows. Its methods are safe for concurrent use.
type Backend interface {
	Status(context.Context) (heal.SidecarStatus, error)
	Stats(context.Context) (heal.Stats, error)
	Patterns(ctx context.Context, agent string) ([]heal.PatternStats, error)
	Order(context.Context, heal.Order) error
	// Incidents are the latest, the newest first; Story is what was recorded of one.
	Incidents() []heal.IncidentSummary
	Story(incident string) ([]heal.Event, error)
	// History is what an agent used, over the last day.
	History(agent string) heal.History
	// Policies are what is in force, and where that is written.
	Policies() []heal.PolicyInForce
	// Changed is closed when more events are recorded.
	Changed() <-chan struct{}
}

// Options say who may ask and what.
type Options struct {
	// Hosts are the names by which the page may be asked for, beside loopback's own.
	Hosts []string
	// Token must come with every question; Actions allows orders.
	Token   string
	Actions bool
	// Broke hears of handlers that panicked, under an id that the caller has; nil for nobody.
	Broke func(id, what string)
	// UID is whom orders are recorded for.
	UID int
}

const (
	headerFor, readFor, idleFor = 5 * time.Second, 10 * time.Second, time.Minute
	maxHeader, maxBody          = 16 << 10, 64 << 10
	// maxStreams bounds how many pages are kept up to date at once.
	maxStreams = 16
)

// Server serves the page.
type Server struct {
	backend Backend
	options Options
	http    *http.Server
	streams chan struct{}
}

// New returns a server; Serve makes it answer.
func New(o Options, b Backend) *Server {
	s := &Server{backend: b, options: o, streams: make(chan struct{}, maxStreams)}
	s.http = &http.Server{
		Handler: httpjson.Guarded(s.handler(), o.Broke), ReadHeaderTimeout: headerFor, ReadTimeout: readFor, IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
	}
	return s
}

// Serve answers until Close.
func (s *Server) Serve(l net.Listener) { _ = s.http.Serve(l) }

// Close ends every answer.
func (s *Server) Close() { _ = s.http.Close() }

// handler asks in this order: the host, the method, where the request comes from, the token
// (FAULTS.md 4.5).
func (s *Server) handler() http.Handler {
	assets, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // it is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(assets))
	mux.Handle("GET /api/status", s.answer(func(r *http.Request) (any, error) { return s.state(r.Context()) }))
	mux.Handle("GET /api/patterns", s.answer(func(r *http.Request) (any, error) { return s.backend.Patterns(r.Context(), "") }))
	mux.Handle("GET /api/incidents", s.answer(func(*http.Request) (any, error) { return s.backend.Incidents(), nil }))
	mux.Handle("GET /api/incidents/{id}", s.answer(func(r *http.Request) (any, error) { return s.backend.Story(r.PathValue("id")) }))
	mux.Handle("GET /api/history/{agent}", s.answer(func(r *http.Request) (any, error) { return s.backend.History(r.PathValue("agent")), nil }))
	mux.Handle("GET /api/policy", s.answer(func(*http.Request) (any, error) { return s.backend.Policies(), nil }))
	mux.Handle("GET /api/stream", s.known(http.HandlerFunc(s.stream)))
	mux.Handle("POST /api/orders", s.answer(s.order))
	return Guard(s.options.Hosts, http.NewCrossOriginProtection().Handler(mux))
}

// Guard answers only those who ask for us by a name of ours, and never lets a browser do more
// with the answer than show it.
func Guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !named(r, hosts) {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// named reports that a request names a host of ours, with the port that it came to.
func named(r *http.Request, hosts []string) bool {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, ours, err := net.SplitHostPort(at.String()); err == nil && ours != port {
			return false
		}
	}
	return host == "localhost" || host == "127.0.0.1" || host == "::1" || slices.Contains(hosts, host)
}

// known lets through who has the token.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(s.options.Token)) != 1 {
			httpjson.Fail(w, http.StatusForbidden, errors.New("not_allowed: the token is missing or wrong; healer-sidecar page prints the address with it"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) answer(ask func(*http.Request) (any, error)) http.Handler {
	return s.known(httpjson.Answer(ask))
}

// state is the status with what may be done here.
type state struct {
	heal.SidecarStatus
	Actions bool       `json:"actions"`
	Stats   heal.Stats `json:"stats"`
}

func (s *Server) state(ctx context.Context) (state, error) {
	status, err := s.backend.Status(ctx)
	if err != nil {
		return state{}, err
	}
	stats, err := s.backend.Stats(ctx)
	stats.Patterns = nil // the page asks for them when they are shown
	return state{status, s.options.Actions, stats}, err
}

func (s *Server) order(r *http.Request) (any, error) {
	if !s.options.Actions {
		return nil, errors.New("not_allowed: the policy lets the page only look; page { allow_actions = true } changes that")
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return nil, errors.New("cannot read order: it must be application/json")
	}
	var o heal.Order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		return nil, fmt.Errorf("cannot read order: %w", err)
	}
	if o.Command.Admin() {
		return nil, fmt.Errorf("cannot carry out %q: the page does not give that order", o.Command)
	}
	o.UID, o.PID, o.Via = s.options.UID, 0, "page"
	return struct{}{}, s.backend.Order(r.Context(), o)
}
