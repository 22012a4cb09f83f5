package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/sampling"
	"healer-sidecar/internal/httpjson"
	"healer-sidecar/internal/metrics"
	"healer-sidecar/internal/otlp"
	"healer-sidecar/internal/web"
)

const (
	// tokenFile holds what a page must know, PageFile the address with it.
	tokenFile, PageFile = "page.token", "page.url"
	// tokenBytes of chance are in a token.
	tokenBytes = 32
	// scrapeFor bounds how long a scrape may take to be asked and answered.
	scrapeFor = 10 * time.Second
)

// served is what is served over the network: nothing, where the policy says nothing.
type served struct {
	page    *web.Server
	scrapes *http.Server
	metrics *metrics.Metrics
	otlp    *otlp.Exporter
	history *history
	book    incidentBook
	// shared is the socket for others, refused when somebody was last refused, by user.
	shared  *control.Server
	refused map[int]time.Time
}

// prepareServing makes what must see every event from the beginning.
func (s *sidecar) prepareServing() {
	p := s.policy.Load()
	if p.Metrics.Listen != "" {
		s.served.metrics = metrics.New(s)
	}
	if p.OTLP != "" {
		s.served.otlp = otlp.New(p.OTLP, hostname(), s.options.Version, s.log.Named("otlp"))
	}
	if p.Page.Listen != "" {
		s.served.history = newHistory()
	}
	if p.Page.Listen == "" && !s.state.ledger.AnyOpen() {
		return // nothing earlier is shown anywhere
	}
	err := s.state.journal.After(0).Read(func(e heal.Event) bool {
		s.served.book.note(e)
		return true
	})
	if err != nil {
		s.log.Warn("earlier incidents are not shown", "cause", err)
	}
}

// openAccess opens the socket for others.
func (s *sidecar) openAccess() {
	a := s.policy.Load().Access
	if a.Socket == "" {
		return
	}
	shared, err := control.ListenTo(a.Socket, s, control.Access{Read: control.People(a.Read), Act: control.People(a.Act), Admin: control.People(a.Admin)})
	if err != nil {
		s.log.Warn("the socket for others is not open", "cause", err)
		return
	}
	shared.Broke = s.broke
	s.served.shared = shared
	go shared.Serve()
}

// maxVisitors is how many connections each of the page and the metrics may hold.
const maxVisitors = 64

// refusedEvery is the least time between two refusals of one user that are recorded,
// maxRefused of how many users that is known.
const refusedEvery, maxRefused = time.Second, 10

// Refused records who asked for what is not theirs.
func (s *sidecar) Refused(uid, pid int, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.served.refused == nil || len(s.served.refused) > maxRefused {
		s.served.refused = map[int]time.Time{}
	}
	if time.Since(s.served.refused[uid]) < refusedEvery {
		return
	}
	s.served.refused[uid] = time.Now()
	go s.noted("", fmt.Sprintf("refused: uid %d (pid %d) may not do this: %s", uid, pid, what))
}

// serve opens what the policy says. What cannot be opened is told, and agents come first.
func (s *sidecar) serve() {
	p := s.policy.Load()
	s.openAccess()
	if s.served.otlp != nil {
		s.engineGroup.Go(func() { s.served.otlp.Run(s.engineCtx) })
	}
	if s.served.metrics != nil {
		if l := s.listen("metrics", p.Metrics.Listen); l != nil {
			s.served.scrapes = &http.Server{Handler: web.Guard(append(p.Metrics.Hosts, hostOf(p.Metrics.Listen)), s.served.metrics.Handler()), ReadTimeout: scrapeFor, WriteTimeout: scrapeFor}
			go func() { _ = s.served.scrapes.Serve(l) }()
		}
	}
	if s.served.history == nil {
		return
	}
	s.rootGroup.Go(func() { s.served.history.run(s.rootCtx, s.registry.names, s.poller.Usage) })
	token, err := s.token()
	if err != nil {
		s.log.Warn("the page is not served", "cause", err)
		return
	}
	l := s.listen("page", p.Page.Listen)
	if l == nil {
		return
	}
	s.served.page = web.New(web.Options{Hosts: p.Page.Hosts, Token: token, Actions: p.Page.AllowActions, Broke: s.broke, UID: os.Getuid()}, s)
	if err := fsys.Replace(filepath.Join(s.state.dir, PageFile), fmt.Appendf(nil, "http://%s/#token=%s\n", l.Addr(), token)); err != nil {
		s.log.Warn("healer-sidecar page will not know the address", "cause", err)
	}
	s.log.Info("page", "address", l.Addr().String(), "open", "healer-sidecar page prints the address with the token")
	go s.served.page.Serve(l)
}

func (s *sidecar) listen(what, address string) net.Listener {
	l, err := net.Listen("tcp", address)
	if err != nil {
		s.log.Warn("not served", "what", what, "cause", err)
		return nil
	}
	return &httpjson.Limit{Listener: l, Total: kernel.Share(maxVisitors), Patience: scrapeFor}
}

// broke records a fault of our own that a question has brought about.
func (s *sidecar) broke(id, what string) {
	s.log.Error("a question could not be answered: internal error", "id", id, "cause", what)
}

// closeServing ends every answer.
func (s *sidecar) closeServing() {
	if s.served.shared != nil {
		s.served.shared.Close()
	}
	if s.served.page != nil {
		s.served.page.Close()
		_ = os.Remove(filepath.Join(s.state.dir, PageFile))
	}
	if s.ear != nil && s.ear.receiver != nil {
		s.ear.receiver.Close()
	}
	if s.served.scrapes != nil {
		_ = s.served.scrapes.Close()
	}
}

// noteServed tells those who look of an event.
func (s *sidecar) noteServed(e heal.Event) {
	if s.served.metrics != nil {
		s.served.metrics.Note(e)
	}
	if s.served.otlp != nil {
		s.served.otlp.Note(e)
	}
	s.served.book.note(e)
}

// token is what a page must know; the same over restarts, so that an open page goes on.
func (s *sidecar) token() (string, error) {
	path := filepath.Join(s.state.dir, tokenFile)
	if b, err := os.ReadFile(path); err == nil && len(strings.TrimSpace(string(b))) == 2*tokenBytes {
		return strings.TrimSpace(string(b)), nil
	}
	var b [tokenBytes]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("cannot make a token: %w", err)
	}
	token := hex.EncodeToString(b[:])
	return token, fsys.Replace(path, []byte(token+"\n"))
}

func hostOf(address string) string {
	h, _, _ := net.SplitHostPort(address)
	return h
}

// Usage is what an agent uses now.
func (s *sidecar) Usage(agent string) (sampling.Usage, bool) { return s.poller.Usage(agent) }

// History is what an agent used over the last day.
func (s *sidecar) History(agent string) heal.History { return s.served.history.of(agent) }
