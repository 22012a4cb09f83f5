package console

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
)

// screen is a terminal that keeps what is typed.
type screen struct {
	mu    sync.Mutex // guards typed
	typed bytes.Buffer
	sizes chan [2]uint16
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typed.Write(b)
}

func serve(t *testing.T) (*screen, *Keeper, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "tty") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &screen{sizes: make(chan [2]uint16, 1)}
	k, err := Serve(dir, s, func(rows, columns uint16) { s.sizes <- [2]uint16{rows, columns} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return s, k, dir
}

func TestTypeArrivesWhole(t *testing.T) {
	s, _, dir := serve(t)
	text := strings.Repeat("continue with the task\n", 1000)
	if err := Type(dir, []byte(text)); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typed.String() != text {
		t.Errorf("%d bytes arrived of %d", s.typed.Len(), len(text))
	}
}

func TestTypeWithoutTerminal(t *testing.T) {
	if err := Type(t.TempDir(), []byte("x")); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("got %v", err)
	}
	_, k, dir := serve(t)
	k.Close()
	if err := Type(dir, []byte("x")); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("after the end: got %v", err)
	}
}

func TestWatchSeesOutputUntilTheEnd(t *testing.T) {
	s, k, dir := serve(t)
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- c.Watch(w); w.Close() }()
	if err := c.Resize(30, 100); err != nil {
		t.Fatal(err)
	}
	if got := <-s.sizes; got != [2]uint16{30, 100} {
		t.Errorf("size %v", got)
	}
	for !k.watched() {
		if err := c.Resize(1, 1); err != nil { // frames are done in order: the next answer comes after the wish
			t.Fatal(err)
		}
		<-s.sizes
	}
	go func() {
		_, _ = k.Write([]byte("hello"))
		k.Close()
	}()
	out, _ := io.ReadAll(r)
	if string(out) != "hello" || <-done != nil {
		t.Errorf("saw %q", out)
	}
}

func (k *Keeper) watched() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.watchers) > 0
}
