package hub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/fleet/schema"
)

// operatorsOwn is a NATS server that somebody else runs.
func operatorsOwn(t *testing.T, withJetStream bool) *nats.Conn {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: withJetStream, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(within) {
		t.Fatal("the server is not ready")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// TestPrepareOnAnOperatorsServer: it makes what is missing, as often as it is asked, and refuses what
// somebody else has made.
func TestPrepareOnAnOperatorsServer(t *testing.T) {
	nc := operatorsOwn(t, true)
	l := schema.DefaultLimits
	l.ArchiveBytes = 64 << 20
	for range 2 {
		if err := Prepare(t.Context(), nc, l); err != nil {
			t.Fatal(err)
		}
	}
	l.ArchiveBytes = 32 << 20
	if err := Prepare(t.Context(), nc, l); err != nil {
		t.Errorf("limits cannot be changed: %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), schema.Archive)
	if err != nil || stream.CachedInfo().Config.MaxBytes != 32<<20 {
		t.Errorf("the archive is bounded by %d bytes: %v", stream.CachedInfo().Config.MaxBytes, err)
	}
}

func TestPrepareRefuses(t *testing.T) {
	if err := Prepare(t.Context(), operatorsOwn(t, false), schema.DefaultLimits); err == nil || !strings.Contains(err.Error(), "the server has no JetStream") {
		t.Errorf("without JetStream: %v", err)
	}
	nc := operatorsOwn(t, true)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: schema.Archive, Subjects: []string{"elsewhere.>"}}); err != nil {
		t.Fatal(err)
	}
	l := schema.DefaultLimits
	if err := Prepare(t.Context(), nc, l); err == nil || !strings.Contains(err.Error(), "rename or remove it, or use another account") {
		t.Errorf("a stream of somebody else: %v", err)
	}
	stream, err := js.Stream(t.Context(), schema.Archive)
	if err != nil || stream.CachedInfo().Config.Subjects[0] != "elsewhere.>" {
		t.Errorf("it was changed: %v", err)
	}
}

// certificate writes one for 127.0.0.1 that is valid until a time, and its key.
func certificate(t *testing.T, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hub"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestTLS: with a certificate the hub is served encrypted only.
func TestTLS(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(time.Hour))
	o := Options{Dir: filepath.Join(t.TempDir(), "hub"), Listen: "127.0.0.1:0", Cert: cert, Key: key, Limits: schema.DefaultLimits, Log: t.Logf}
	book, err := OpenBook(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	seed, _, err := book.Add(Member{Kind: KindHost, Group: "web", Name: "a"}, false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	public, _ := pair.PublicKey()
	nc, err := nats.Connect(s.URL(), nats.Nkey(public, pair.Sign), nats.RootCAs(cert))
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
	if nc, err := nats.Connect(s.URL(), nats.Nkey(public, pair.Sign)); err == nil {
		nc.Close()
		t.Error("an authority that nobody knows is trusted")
	}
}
