package hub

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/host/fsys"
)

// Options say where a hub listens and what it keeps.
type Options struct {
	// Dir is the hub's own folder.
	Dir string
	// Listen is host:port; anything but loopback needs TLS.
	Listen string
	// Cert, Key and CA are PEM files; with CA, clients must show a certificate that it signed.
	Cert, Key, CA string
	// Limits bound the streams.
	Limits schema.Limits
	// Log takes one line at a time.
	Log func(format string, args ...any)
}

const (
	// upWithin is how long the server may take until it accepts connections.
	upWithin = 30 * time.Second
	// maxPayload bounds a message in bytes.
	maxPayload = 1 << 20
	// answerFor is how long an answer to an order may take.
	answerFor = time.Minute
	storeDir  = "jetstream"
)

// Server is a hub that runs.
type Server struct {
	options Options
	nats    *server.Server
	book    *Book
	// own is the key of the hub's own connection.
	own nkeys.KeyPair
}

// Start opens the store and accepts connections. It returns when the server is ready.
func Start(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := fsys.PrivateDir(o.Dir); err != nil {
		return nil, err
	}
	book, err := OpenBook(o.Dir)
	if err != nil {
		return nil, err
	}
	own, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("cannot make a key: %w", err)
	}
	s := &Server{options: o, book: book, own: own}
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	if s.nats, err = server.NewServer(config); err != nil {
		return nil, fmt.Errorf("cannot start NATS: %w", err)
	}
	s.nats.SetLogger(&logger{o.Log}, false, false)
	go s.nats.Start()
	if !s.nats.ReadyForConnections(upWithin) {
		s.Close()
		return nil, fmt.Errorf("cannot start NATS: it accepts no connections at %s within %s: is the address in use?", o.Listen, upWithin)
	}
	return s, nil
}

// check refuses what would be open to the network without TLS.
func (o Options) check() error {
	name, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("invalid address %q: write host:port", o.Listen)
	}
	ip := net.ParseIP(name)
	loopback := name == "localhost" || ip != nil && ip.IsLoopback()
	if !loopback && o.Cert == "" {
		return fmt.Errorf("cannot listen on %s without TLS: give --tls-cert and --tls-key, or listen on 127.0.0.1", o.Listen)
	}
	if (o.Cert == "") != (o.Key == "") || o.CA != "" && o.Cert == "" {
		return errors.New("cannot use TLS: --tls-cert and --tls-key belong together")
	}
	return nil
}

func (s *Server) config() (*server.Options, error) {
	name, port, _ := net.SplitHostPort(s.options.Listen)
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("invalid port %q", port)
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	config := &server.Options{
		ServerName: "healer-hub", Host: name, Port: number, NoSigs: true, MaxPayload: maxPayload, JetStream: true,
		StoreDir: filepath.Join(s.options.Dir, storeDir), SyncAlways: true, Nkeys: keys, DisableShortFirstPing: true,
	}
	if s.options.Cert == "" {
		return config, nil
	}
	config.TLSTimeout = 5
	config.TLSConfig, err = server.GenTLSConfig(&server.TLSConfigOpts{CertFile: s.options.Cert, KeyFile: s.options.Key, CaFile: s.options.CA, Verify: s.options.CA != ""})
	if err != nil {
		return nil, fmt.Errorf("cannot use TLS: %w", err)
	}
	return config, nil
}

// keys are those of all members, and the hub's own, which lives only as long as the process.
func (s *Server) keys() ([]*server.NkeyUser, error) {
	members, err := s.book.Members()
	if err != nil {
		return nil, err
	}
	own, err := s.own.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("cannot read a key: %w", err)
	}
	all := []*server.NkeyUser{{Nkey: own}}
	for _, m := range members {
		p := m.Permissions()
		all = append(all, &server.NkeyUser{Nkey: m.Key, Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: p.Publish}, Subscribe: &server.SubjectPermission{Allow: p.Subscribe},
			Response: &server.ResponsePermission{MaxMsgs: 1, Expires: answerFor},
		}})
	}
	return all, nil
}

// Reload takes members in that have joined, and lets those go that are removed.
func (s *Server) Reload() error {
	config, err := s.config()
	if err != nil {
		return err
	}
	if addr, ok := s.nats.Addr().(*net.TCPAddr); ok {
		config.Port = addr.Port
	}
	if err := s.nats.ReloadOptions(config); err != nil {
		return fmt.Errorf("cannot take members in: %w", err)
	}
	return nil
}

// Connect opens the hub's own connection, inside the process.
func (s *Server) Connect() (*nats.Conn, error) {
	public, err := s.own.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("cannot read a key: %w", err)
	}
	nc, err := nats.Connect("", nats.InProcessServer(s.nats), nats.Nkey(public, s.own.Sign), nats.MaxReconnects(-1), nats.Name("healer-hub"))
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the hub's own server: %w", err)
	}
	return nc, nil
}

// URL is where clients connect.
func (s *Server) URL() string {
	scheme := "nats"
	if s.options.Cert != "" {
		scheme = "tls"
	}
	return scheme + "://" + s.nats.Addr().String()
}

// Close ends the server and waits until its store is closed.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}

// logger passes on what the server has to say; what it says in the normal course is left out.
type logger struct{ say func(string, ...any) }

func (l *logger) Noticef(string, ...any)            {}
func (l *logger) Debugf(string, ...any)             {}
func (l *logger) Tracef(string, ...any)             {}
func (l *logger) Warnf(format string, args ...any)  { l.say("warning: "+format, args...) }
func (l *logger) Errorf(format string, args ...any) { l.say("error: "+format, args...) }
func (l *logger) Fatalf(format string, args ...any) { l.say("fatal: "+format, args...) }
