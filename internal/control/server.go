package control

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/httpjson"
)

const (
	// SocketName is the socket's file in the state directory.
	SocketName = "control.sock"
	// maxPath is what a socket address can hold.
	maxPath = 107
	// maxBody bounds a request, requestFor the time to send it.
	maxBody, requestFor = 64 << 10, 10 * time.Second
	// MaxKnowledge bounds one that brings what other hosts have learned.
	MaxKnowledge = 16 << 20
	// answerFor is how long an answer may take to end when the server closes.
	answerFor = 100 * time.Millisecond
	// ownConnections and allConnections are how many may be open at once, on our own socket and on
	// that for others, where one user may have a quarter; unreadFor is how long what is sent may
	// stay unread.
	ownConnections, allConnections = 256, 64
	unreadFor                      = 10 * time.Second
)

// peer is who is on the other end, as the kernel says.
type peer struct{ uid, pid int }

type peerKey struct{}

// Server serves a backend on a socket.
type Server struct {
	backend Backend
	// access is who may do what beside root and our own user; nil for nobody.
	access *Access
	// Broke hears of handlers that panicked, under an id that the caller has; nil for nobody.
	// It must be set before Serve.
	Broke func(id, what string)
	http  *http.Server
	path  string
	mode  os.FileMode
	// bound is read by those who serve and replaced by who renews.
	bound atomic.Pointer[bound]
}

// Listen opens the socket of the state directory, for root and our own user. One that an
// earlier sidecar left is replaced; the caller holds the lock of the directory.
func Listen(path string, backend Backend) (*Server, error) {
	return listen(path, backend, nil, 0o600)
}

// ListenTo opens a socket for others: anybody may knock, and the kernel says who it is.
func ListenTo(path string, backend Backend, access Access) (*Server, error) {
	return listen(path, backend, &access, 0o666)
}

func listen(path string, backend Backend, access *Access, mode os.FileMode) (*Server, error) {
	s := &Server{backend: backend, access: access, path: path, mode: mode}
	if err := s.bind(); err != nil {
		return nil, err
	}
	s.http = &http.Server{Handler: httpjson.Guarded(s.handler(), func(id, what string) {
		if s.Broke != nil {
			s.Broke(id, what)
		}
	}), ReadTimeout: requestFor, ConnContext: identify}
	return s, nil
}

// limited bounds the connections of others, of each and of all together. Root and our own user
// come by a socket of their own, where others cannot be in their way.
func (s *Server) limited(l net.Listener) net.Listener {
	total, each := kernel.Share(ownConnections), ownConnections
	if s.access != nil {
		total, each = kernel.Share(allConnections), kernel.Share(allConnections)/4
	}
	return &httpjson.Limit{
		Listener: l, Total: total, Each: max(each, 1), Patience: unreadFor,
		Who: func(c net.Conn) (int, bool) {
			who := peerOf(c)
			return who.uid, s.access == nil || s.access.allows(who, Read)
		},
		Refused: func(uid int) { s.backend.Refused(uid, 0, "one more connection") },
	}
}

// Serve answers until Close.
func (s *Server) Serve() { _ = s.http.Serve(s.bound.Load().limited) }

// Close lets short answers end, ends everything else, and removes the socket.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), answerFor)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	_ = s.http.Close()
}

func identify(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, peerOf(httpjson.Inner(c)))
}

// peerOf is who is on the other end; uid -1 for one that is not known.
func peerOf(c net.Conn) peer {
	if u, ok := c.(*net.UnixConn); ok {
		if uid, pid, err := kernel.PeerCredentials(u); err == nil {
			return peer{uid, pid}
		}
	}
	return peer{uid: -1}
}

func caller(r *http.Request) peer {
	who, ok := r.Context().Value(peerKey{}).(peer)
	if !ok {
		return peer{uid: -1}
	}
	return who
}

// bounded reads at most so many bytes of a request.
func bounded(most int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next(w, r)
	}
}

// Taken says how many patterns of another host were taken in.
type Taken struct {
	Patterns int `json:"patterns"`
}

func (s *Server) hear(r *http.Request) (any, error) {
	var k heal.Knowledge
	if err := json.NewDecoder(r.Body).Decode(&k); err != nil {
		return nil, fmt.Errorf("cannot read knowledge: %w", err)
	}
	n, err := s.backend.Hear(r.Context(), k)
	return Taken{n}, err
}

// events streams records as JSON lines, and goes on with follow.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, err := httpjson.Number(q, "after", math.MaxUint64)
	if err != nil {
		httpjson.Fail(w, http.StatusBadRequest, err)
		return
	}
	enc := json.NewEncoder(w)
	w.Header().Set("Content-Type", "application/jsonl")
	read := s.backend.Events(after)
	for {
		changed := s.backend.Changed()
		var broken error
		err := read(func(e heal.Event) bool {
			broken = enc.Encode(e)
			return broken == nil
		})
		if err != nil || broken != nil || changed == nil || q.Get("follow") != "true" {
			return
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// logs streams lines of output as JSON lines.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	last, err := httpjson.Number(v, "last", heal.MostLines)
	if err != nil {
		httpjson.Fail(w, http.StatusBadRequest, err)
		return
	}
	q := heal.LogQuery{Agent: v.Get("agent"), Last: int(last), Follow: v.Get("follow") == "true"}
	enc := json.NewEncoder(w)
	flusher, _ := w.(http.Flusher)
	begun := false
	err = s.backend.Logs(r.Context(), q, func(l heal.LogLine) bool {
		if !begun {
			w.Header().Set("Content-Type", "application/jsonl")
			begun = true
		}
		err := enc.Encode(l)
		if q.Follow && flusher != nil {
			flusher.Flush()
		}
		return err == nil
	})
	if err != nil && !begun {
		httpjson.Fail(w, http.StatusConflict, err)
	}
}
