package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"healer-sidecar/internal/telemetry/reading"
)

const (
	// maxWork bounds how many batches are unpacked and decoded at once, workWithin how long one waits
	// for its turn.
	maxWork    = 4
	workWithin = 5 * time.Second
	// readWithin and idleFor bound how long a client may take, and be silent.
	readWithin, idleFor = 20 * time.Second, 2 * time.Minute
)

// Counts are what came so far.
type Counts struct {
	// Batches were taken, Refused were not, Unattributed name no run that is known.
	Batches, Refused, Unattributed uint64
}

// Receiver takes batches on a listener. Its state is guarded by mu.
type Receiver struct {
	// Take is told what a batch says, in order; it must not wait for long.
	take func(reading.Reading)
	// belongs says whether a run is known: what others send counts for nobody.
	belongs func(agent, run string) bool
	// forward hands a batch on; nil where nobody wants it.
	forward *Queue
	server  *http.Server
	work    chan struct{}

	batches, refused, foreign atomic.Uint64

	mu     sync.Mutex // guards reader
	reader *reading.Reader
}

// New returns a receiver; forward may be nil.
func New(belongs func(agent, run string) bool, take func(reading.Reading), forward *Queue) *Receiver {
	r := &Receiver{take: take, belongs: belongs, forward: forward, work: make(chan struct{}, maxWork), reader: reading.NewReader()}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	mux := http.NewServeMux()
	for _, s := range []signal{logs, metrics, traces} {
		mux.HandleFunc("POST /v1/"+string(s), func(w http.ResponseWriter, q *http.Request) { r.serveHTTP(w, q, s) })
	}
	for path, s := range grpcPaths {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, q *http.Request) { r.serveGRPC(w, q, s) })
	}
	r.server = &http.Server{
		Handler: localOnly(mux), Protocols: &protocols, ReadTimeout: readWithin, WriteTimeout: readWithin, IdleTimeout: idleFor,
		MaxHeaderBytes: 16 << 10,
	}
	return r
}

// Resume goes on with a process of which an earlier sidecar has counted something.
func (r *Receiver) Resume(agent, run, process, via string, marks map[string]float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reader.Resume(agent, run, process, via, marks)
}

// Serve answers until Close.
func (r *Receiver) Serve(l net.Listener) error {
	if err := r.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve telemetry: %w", err)
	}
	return nil
}

// Close ends every answer.
func (r *Receiver) Close() { _ = r.server.Close() }

// Counts are what came so far.
func (r *Receiver) Counts() Counts {
	return Counts{Batches: r.batches.Load(), Refused: r.refused.Load(), Unattributed: r.foreign.Load()}
}

// localOnly refuses what does not come from this host, and what a browser sends for some page.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		host, _, err := net.SplitHostPort(q.RemoteAddr)
		ip := net.ParseIP(host)
		if err != nil || ip == nil || !ip.IsLoopback() || q.Header.Get("Origin") != "" {
			http.Error(w, "only programs on this host may export telemetry", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, q)
	})
}

func (r *Receiver) serveHTTP(w http.ResponseWriter, q *http.Request, s signal) {
	contentType := q.Header.Get("Content-Type")
	isJSON, known := formOf(contentType)
	if !known {
		r.refused.Add(1)
		http.Error(w, "use application/x-protobuf or application/json", http.StatusUnsupportedMediaType)
		return
	}
	body, err := readBody(q.Body)
	if err == nil {
		err = r.accept(q.Context(), Item{Path: "/v1/" + string(s), Type: contentType, Encoding: q.Header.Get("Content-Encoding"), Body: body}, s, isJSON)
	}
	if err != nil {
		r.refused.Add(1)
		http.Error(w, err.Error(), statusOf(err))
		return
	}
	w.Header().Set("Content-Type", strings.TrimSpace(contentType))
	if isJSON {
		_, _ = w.Write([]byte("{}")) // an empty response; as protobuf that is no byte at all
	}
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errBusy):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

var errBusy = errors.New("cannot take the batch: too many at once")

// accept unpacks, decodes, passes on what is read and keeps the bytes for the collector.
func (r *Receiver) accept(ctx context.Context, item Item, s signal, isJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	select {
	case r.work <- struct{}{}:
		defer func() { <-r.work }()
	case <-ctx.Done():
		return errBusy
	}
	plain, err := unpack(item.Body, item.Encoding)
	if err != nil {
		return err
	}
	if err := r.read(plain, s, isJSON); err != nil {
		return err
	}
	r.batches.Add(1)
	if r.forward != nil {
		r.forward.Put(item)
	}
	return nil
}

// read decodes one batch at a time, and passes it on in the same order.
func (r *Receiver) read(plain []byte, s signal, isJSON bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.reader.Unattributed
	all, err := decode(r.reader, s, plain, isJSON)
	r.foreign.Add(uint64(r.reader.Unattributed - before))
	for _, one := range all {
		if !r.belongs(one.Agent, one.Run) {
			r.foreign.Add(1)
			continue
		}
		r.take(one)
	}
	return err
}
