package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
)

const (
	// answerWithin bounds one request to the hub that nobody waits for.
	answerWithin = 3 * time.Second
	// reconnectWait lies between two tries to connect, with as much jitter.
	reconnectWait = time.Second
	// pingEvery and pingsOut find a server that is there and does not answer.
	pingEvery, pingsOut = 10 * time.Second, 2
)

// The codes of the server that are acted upon.
const (
	codeWrongSequence = 10071
	codeNoRoom        = 10077
	codeNoResources   = 10023
)

var (
	// errConflict says that somebody else wrote first, errNone that there is no message.
	errConflict = errors.New("somebody else wrote first")
	errNone     = errors.New("there is none")
)

// link is the connection to the hub.
type link struct {
	nc *nats.Conn

	mu sync.Mutex
	// denied is what the server last refused: a forbidden request itself only times out.
	denied string
	at     time.Time
}

// connect makes a link that goes on trying for as long as it lives.
func connect(f config.Fleet, changed func()) (*link, error) {
	l := &link{}
	options := []nats.Option{
		nats.Name("healer-sidecar " + f.Group + "/" + f.Host), nats.CustomInboxPrefix(schema.Inbox(f.Group, f.Host)),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectWait, reconnectWait),
		nats.IgnoreAuthErrorAbort(), nats.Timeout(answerWithin), nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsOut),
		nats.ReconnectBufSize(-1), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.refused(err) }),
		nats.ConnectHandler(func(*nats.Conn) { changed() }), nats.ReconnectHandler(func(*nats.Conn) { changed() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { l.refused(err); changed() }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { l.refused(err); changed() }),
	}
	key, err := credentials(f.Credentials)
	if err != nil {
		return nil, err
	}
	options = append(options, key)
	options = append(options, secured(f.TLS)...)
	if l.nc, err = nats.Connect(strings.Join(f.Servers, ","), options...); err != nil {
		return nil, fmt.Errorf("cannot use the fleet's servers: %w", err)
	}
	return l, nil
}

// secured are the options for TLS.
func secured(t config.FleetTLS) (options []nats.Option) {
	if t.CA != "" {
		options = append(options, nats.RootCAs(t.CA))
	}
	if t.Cert != "" {
		options = append(options, nats.ClientCert(t.Cert, t.Key))
	}
	return options
}

// credentials reads an nkey seed or a .creds file.
func credentials(path string) (nats.Option, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the fleet's credentials: %w: healer-hub join HOST makes them", err)
	}
	if strings.Contains(string(raw), "BEGIN NATS USER JWT") {
		return nats.UserCredentials(path), nil
	}
	pair, err := nkeys.FromSeed([]byte(strings.TrimSpace(string(raw))))
	if err != nil {
		return nil, fmt.Errorf("cannot read the fleet's credentials in %s: it is neither an nkey seed nor a .creds file: healer-hub join HOST makes one", path)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("cannot read the fleet's credentials: %w", err)
	}
	return nats.Nkey(public, pair.Sign), nil
}

// refused keeps what the server said against us.
func (l *link) refused(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.denied, l.at = err.Error(), time.Now()
}

// why explains an error in one sentence that names the remedy.
func (l *link) why(err error) string {
	l.mu.Lock()
	denied := ""
	if time.Since(l.at) < time.Minute {
		denied = l.denied
	}
	l.mu.Unlock()
	return explain(err, denied, l.nc != nil && l.nc.IsConnected())
}

// explain says what an error means; denied is what the server said of its own accord.
func explain(err error, denied string, connected bool) string {
	low := strings.ToLower(denied)
	switch {
	case strings.Contains(low, "authorization violation"), strings.Contains(low, "authentication"):
		return "the hub refuses this host's key: make one with healer-hub join HOST --replace and copy it here"
	case strings.Contains(low, "certificate") && strings.Contains(low, "expired"):
		return "a TLS certificate has expired: renew it (" + denied + ")"
	case strings.Contains(low, "certificate"), strings.Contains(low, "tls"):
		return "TLS fails: check ca, cert and key in the fleet block (" + denied + ")"
	case strings.Contains(low, "permissions violation"):
		return "the hub forbids this: is the key for this group and host? (" + denied + ")"
	case !connected && denied != "":
		return "the hub cannot be reached: " + denied
	case !connected:
		return "the hub cannot be reached: is healer-hub running at the address in servers?"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return "the hub does not answer in time"
	case err != nil:
		return err.Error()
	}
	return ""
}

// ack is the server's answer to a message for a stream.
type ack struct {
	Seq   uint64 `json:"seq"`
	Value string `json:"val"`
	Error *struct {
		Code        int    `json:"err_code"`
		Description string `json:"description"`
	} `json:"error"`
}

// publish puts a message into a stream and returns when it is kept. headers are pairs.
func (l *link) publish(ctx context.Context, subject string, data []byte, headers ...string) (ack, error) {
	m := nats.NewMsg(subject)
	m.Data = data
	for i := 0; i+1 < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	r, err := l.nc.RequestMsgWithContext(ctx, m)
	if errors.Is(err, nats.ErrNoResponders) {
		return ack{}, l.absent(ctx)
	}
	if err != nil {
		return ack{}, err
	}
	var a ack
	if err := json.Unmarshal(r.Data, &a); err != nil {
		return a, fmt.Errorf("cannot read the hub's answer: %w", err)
	}
	switch {
	case a.Error == nil:
		return a, nil
	case a.Error.Code == codeWrongSequence:
		return a, errConflict
	case a.Error.Code == codeNoRoom, a.Error.Code == codeNoResources:
		return a, fmt.Errorf("a stream of the hub is full: give it more room (%s)", a.Error.Description)
	}
	return a, fmt.Errorf("the hub refuses a message: %s", a.Error.Description)
}

// absent says why nobody answers for a stream.
func (l *link) absent(ctx context.Context) error {
	_, err := l.nc.RequestWithContext(ctx, "$JS.API.INFO", nil)
	if errors.Is(err, nats.ErrNoResponders) {
		return errors.New("the server has no JetStream: enable it, or use healer-hub serve")
	}
	return errors.New("the fleet's streams are missing: run healer-hub prepare, or healer-hub serve")
}

// message is what a stream keeps.
type message struct {
	data   []byte
	header nats.Header
	seq    uint64
	// at is when the server took it.
	at time.Time
}

// last is the last message on a subject of a stream; errNone for none.
func (l *link) last(ctx context.Context, stream, subject string) (message, error) {
	r, err := l.nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+stream+"."+subject, nil)
	if errors.Is(err, nats.ErrNoResponders) {
		return message{}, l.absent(ctx)
	}
	if err != nil {
		return message{}, err
	}
	if status := r.Header.Get("Status"); status != "" {
		return message{}, errNone
	}
	m := message{data: r.Data, header: r.Header}
	if m.seq, err = strconv.ParseUint(r.Header.Get("Nats-Sequence"), 10, 64); err != nil {
		return m, fmt.Errorf("cannot read the hub's answer: %w", err)
	}
	m.at, err = time.Parse(time.RFC3339Nano, r.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return m, fmt.Errorf("cannot read the hub's answer: %w", err)
	}
	return m, nil
}

// value is the last value of a key; errNone for one that is not there or was removed.
func (l *link) value(ctx context.Context, stream, key string) (message, error) {
	m, err := l.last(ctx, stream, schema.Key(stream, key))
	if err == nil && (m.header.Get("KV-Operation") != "" || m.header.Get("Nats-Marker-Reason") != "") {
		return m, errNone
	}
	return m, err
}

// put writes a key that lives for ttl, if the last message on it is still seq; 0 for none. It
// returns the new one's.
func (l *link) put(ctx context.Context, stream, key string, value any, seq uint64, ttl time.Duration) (uint64, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return 0, fmt.Errorf("cannot encode %s: %w", key, err)
	}
	headers := []string{"Nats-Expected-Last-Subject-Sequence", strconv.FormatUint(seq, 10)}
	if ttl > 0 {
		headers = append(headers, "Nats-TTL", ttl.String())
	}
	a, err := l.publish(ctx, schema.Key(stream, key), raw, headers...)
	return a.Seq, err
}

// remove ends a key that we wrote last.
func (l *link) remove(ctx context.Context, stream, key string, seq uint64) error {
	_, err := l.publish(ctx, schema.Key(stream, key), nil, "KV-Operation", "DEL", "Nats-TTL", "1s",
		"Nats-Expected-Last-Subject-Sequence", strconv.FormatUint(seq, 10))
	return err
}

// subjects counts the subjects of a stream that match a filter.
func (l *link) subjects(ctx context.Context, stream, filter string) (int, error) {
	raw, err := json.Marshal(map[string]string{"subjects_filter": filter})
	if err != nil {
		return 0, err
	}
	r, err := l.nc.RequestWithContext(ctx, "$JS.API.STREAM.INFO."+stream, raw)
	if errors.Is(err, nats.ErrNoResponders) {
		return 0, l.absent(ctx)
	}
	if err != nil {
		return 0, err
	}
	var info struct {
		State struct {
			Subjects map[string]uint64 `json:"subjects"`
		} `json:"state"`
		Error *struct{ Description string } `json:"error"`
	}
	if err := json.Unmarshal(r.Data, &info); err != nil {
		return 0, fmt.Errorf("cannot read the hub's answer: %w", err)
	}
	if info.Error != nil {
		return 0, fmt.Errorf("cannot look at %s: %s", stream, info.Error.Description)
	}
	return len(info.State.Subjects), nil
}

// decode reads a value that some host has written.
func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("cannot read a value of the fleet: %w", err)
	}
	return nil
}
