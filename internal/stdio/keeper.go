package stdio

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// lonelyFor is how long a keeper without a sidecar and without a run stays.
	lonelyFor = 10 * time.Second
	// lookLonely is how often it asks itself whether it is that.
	lookLonely = 500 * time.Millisecond
)

// Keep copies the streams of a wrapped command in a process of its own: that of the sidecar may end
// without the command. listener is the socket where it is reached. It returns when neither a
// sidecar nor a run is left.
func Keep(listener *os.File) error {
	l, err := net.FileListener(listener)
	if err != nil {
		return fmt.Errorf("cannot keep streams: %w", err)
	}
	defer l.Close()
	listener.Close()
	unix, ok := l.(*net.UnixListener)
	if !ok {
		return fmt.Errorf("cannot keep streams: %s is no local socket", l.Addr())
	}
	unix.SetUnlinkOnClose(true)
	k := &keeper{quit: make(chan struct{})}
	go k.accept(unix)
	look := time.NewTicker(lookLonely)
	defer look.Stop()
	since := time.Now()
	for !k.served() && time.Since(since) < lonelyFor || k.needed() {
		select {
		case <-look.C:
		case <-k.quit:
			return nil
		}
	}
	return nil
}

// keeper is a server and the sidecar that it tells.
type keeper struct {
	mu     sync.Mutex // guards everything below
	server *server
	talk   *talk
	// told says that there was a sidecar once.
	told bool
	// quit is closed when the sidecar needs us no more.
	quit chan struct{}
}

func (k *keeper) accept(l *net.UnixListener) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return
		}
		t := &talk{conn: conn}
		k.mu.Lock()
		k.talk, k.told = t, true
		k.mu.Unlock()
		k.serve(t)
	}
}

// serve does what one sidecar asks until that is gone.
func (k *keeper) serve(t *talk) {
	defer t.conn.Close()
	for {
		var c command
		files, err := t.receive(&c)
		if err != nil {
			break
		}
		c.files = files
		if c.Op == opQuit {
			close(k.quit)
			<-make(chan struct{}) // the connection ends with us
		}
		k.mu.Lock()
		if c.Op == opState && k.server == nil {
			k.server = newServer(*c.State, c, k.tell)
		}
		s := k.server
		k.mu.Unlock()
		if s != nil {
			s.do(c)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.talk == t {
		k.talk = nil
		if k.server != nil {
			k.server.abandon()
		}
	}
}

// tell passes an event on to the sidecar, where there is one.
func (k *keeper) tell(e Event) {
	k.mu.Lock()
	t := k.talk
	k.mu.Unlock()
	if t != nil {
		_ = t.send(e, nil)
	}
}

func (k *keeper) needed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.talk != nil || k.server != nil && k.server.busy()
}

// served reports that there was a sidecar once.
func (k *keeper) served() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.told
}
