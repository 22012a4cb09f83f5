package console

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// watchersMost is how many may see the output at once.
	watchersMost = 16
	// seenFor is how long somebody who watches may take to read: the agent waits for nobody longer.
	seenFor = 100 * time.Millisecond
)

// Keeper lets others type at a terminal.
type Keeper struct {
	// terminal takes what is typed; resize sets its size.
	terminal io.Writer
	resize   func(rows, columns uint16)
	listener *net.UnixListener

	mu       sync.Mutex // guards watchers
	watchers map[net.Conn]bool
}

// Serve opens the socket in the folder of an agent, in place of one of an earlier run.
func Serve(dir string, terminal io.Writer, resize func(rows, columns uint16)) (*Keeper, error) {
	path := filepath.Join(dir, SocketFile)
	_ = os.Remove(path)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot listen for input of a terminal: %w", err)
	}
	l.SetUnlinkOnClose(false) // a later run may have its own there
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("cannot listen for input of a terminal: %w", err)
	}
	k := &Keeper{terminal: terminal, resize: resize, listener: l, watchers: map[net.Conn]bool{}}
	go k.accept()
	return k, nil
}

// Close takes no more input, and tells those who watch that the run is over.
func (k *Keeper) Close() {
	k.listener.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	for conn := range k.watchers {
		conn.Close()
	}
}

// Write shows output to those who watch. One who does not read it is left behind.
func (k *Keeper) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for conn := range k.watchers {
		_ = conn.SetWriteDeadline(time.Now().Add(seenFor))
		if _, err := conn.Write(b); err != nil {
			conn.Close()
			delete(k.watchers, conn)
		}
	}
	return len(b), nil
}

func (k *Keeper) accept() {
	for {
		conn, err := k.listener.Accept()
		if err != nil {
			return
		}
		go k.hear(conn)
	}
}

// hear does what one connection sends until it ends. One that watches stays open for the output.
func (k *Keeper) hear(conn net.Conn) {
	defer conn.Close()
	defer k.forget(conn)
	in := bufio.NewReader(conn)
	for {
		kind, content, err := read(in)
		if err == nil {
			err = k.do(conn, kind, content)
		}
		if err != nil {
			return
		}
	}
}

func read(in *bufio.Reader) (kind byte, content []byte, err error) {
	var head [3]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint16(head[1:])
	if n > frameMost {
		return 0, nil, errors.New("cannot read a frame: it is too long")
	}
	content = make([]byte, n)
	_, err = io.ReadFull(in, content)
	return head[0], content, err
}

func (k *Keeper) do(conn net.Conn, kind byte, content []byte) error {
	switch {
	case kind == typed:
		_, err := k.terminal.Write(content)
		return err
	case kind == size && len(content) == 4:
		k.resize(binary.BigEndian.Uint16(content), binary.BigEndian.Uint16(content[2:]))
		return nil
	case kind == watch && k.remember(conn):
		return nil
	}
	return errors.New("cannot do what a frame asks")
}

// remember adds one who watches; false when there are too many.
func (k *Keeper) remember(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.watchers) >= watchersMost {
		return false
	}
	k.watchers[conn] = true
	return true
}

func (k *Keeper) forget(conn net.Conn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.watchers, conn)
}
