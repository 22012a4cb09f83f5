package inbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// notifyName and reportName are the sockets in an agent's folder.
	notifyName, reportName = "notify.sock", "report.sock"
	// longestPath is what a socket's address can hold.
	longestPath = 107
	// maxTalks bounds how many connections are served at once, idleFor how long one may
	// be silent.
	maxTalks = 32
	// maxDatagram is what one message of sd_notify may hold; every agent has such a
	// buffer.
	maxDatagram = 4 << 10
	idleFor     = 10 * time.Minute
)

// Inbox is the pair of sockets of one agent.
type Inbox struct {
	dir    string
	notify *net.UnixConn
	report *net.UnixListener
	talks  chan struct{}
	open   sync.WaitGroup
}

// Listen opens the sockets in an agent's folder, which must be private.
func Listen(dir string) (*Inbox, error) {
	i := &Inbox{dir: dir, talks: make(chan struct{}, maxTalks)}
	for _, path := range []string{i.path(notifyName), i.path(reportName)} {
		if len(path) > longestPath {
			return nil, fmt.Errorf("cannot listen to the agent: %s is longer than %d bytes", path, longestPath)
		}
		_ = os.Remove(path) // of an earlier sidecar
	}
	var err error
	if i.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: i.path(notifyName), Net: "unixgram"}); err != nil {
		return nil, fmt.Errorf("cannot listen to the agent: %w", err)
	}
	if i.report, err = net.ListenUnix("unix", &net.UnixAddr{Name: i.path(reportName), Net: "unix"}); err != nil {
		i.notify.Close()
		return nil, fmt.Errorf("cannot listen to the agent: %w", err)
	}
	return i, nil
}

func (i *Inbox) path(name string) string { return filepath.Join(i.dir, name) }

// Env is what an agent has to know to be heard.
func Env(dir string) map[string]string {
	return map[string]string{"NOTIFY_SOCKET": filepath.Join(dir, notifyName), "HEALER_SOCKET": filepath.Join(dir, reportName)}
}

// Run passes on what comes until the context ends.
func (i *Inbox) Run(ctx context.Context, take func(Report)) {
	stop := context.AfterFunc(ctx, func() {
		i.notify.Close()
		i.report.Close()
	})
	defer stop()
	i.open.Go(func() { i.listen(take) })
	for {
		conn, err := i.report.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			time.Sleep(time.Second) // too many descriptors, say: no busy loop
			continue
		}
		select {
		case i.talks <- struct{}{}:
			i.open.Go(func() {
				defer func() { <-i.talks }()
				serve(ctx, conn, take)
			})
		default:
			answer(conn, errors.New("cannot take report: too many connections"))
			conn.Close()
		}
	}
	i.open.Wait()
}

// listen takes datagrams. They are taken and judged as they come; nobody waits.
func (i *Inbox) listen(take func(Report)) {
	buf := make([]byte, maxDatagram)
	for {
		n, err := i.notify.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			take(Notified(buf[:n]))
		}
	}
}

// serve answers each line of a connection. A wrong one is answered with what is wrong
// and harms nothing.
func serve(ctx context.Context, conn *net.UnixConn, take func(Report)) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxReport+1)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleFor))
		if !lines.Scan() {
			if errors.Is(lines.Err(), bufio.ErrTooLong) {
				answer(conn, fmt.Errorf("cannot read report: it is longer than %d bytes", maxReport))
			}
			return
		}
		r, err := Parse(lines.Bytes())
		if err == nil {
			take(r)
		}
		answer(conn, err)
	}
}

func answer(conn *net.UnixConn, err error) {
	reply := struct {
		OK    bool   `json:"ok"`
		Error string `json:"error,omitempty"`
	}{OK: err == nil}
	if err != nil {
		reply.Error = err.Error()
	}
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	_ = json.NewEncoder(conn).Encode(reply)
}
