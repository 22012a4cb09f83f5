// Package console is the input side of a terminal that a process keeps for an agent. The keeper
// serves a socket in the agent's folder; who connects types at the terminal, says how large
// it is, and sees what the agent writes there if it asks for that.
//
// What is sent to the keeper are frames: a kind, the length in two bytes, big end first, and the
// content. What comes back is output, as it is.
package console

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Kinds of frames.
const (
	// typed is input; size are rows and columns, two bytes each; watch asks for the output.
	typed, size, watch = 'i', 's', 'o'
)

const (
	// SocketFile is the socket in the folder of an agent.
	SocketFile = "tty.sock"
	// takenFor is how long a terminal may take to accept what is typed at it.
	takenFor = 5 * time.Second
	// frameMost is how much one frame holds.
	frameMost = 4096
)

// ErrNoTerminal says that an agent has no terminal at which something could be typed.
var ErrNoTerminal = errors.New("the agent has no terminal: it needs tty = true, and must be running")

// Type types text at the terminal of the agent with that folder. It returns when the terminal has
// taken all of it; whether the agent reads it is another matter.
func Type(dir string, text []byte) error {
	c, err := Dial(dir)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.conn.SetDeadline(time.Now().Add(takenFor))
	if _, err := c.Write(text); err != nil {
		return fmt.Errorf("cannot type: %w", err)
	}
	if err := c.conn.CloseWrite(); err != nil {
		return fmt.Errorf("cannot type: %w", err)
	}
	if _, err := io.Copy(io.Discard, c.conn); errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.New("cannot type: the terminal takes no more input; the agent does not read it")
	}
	return nil
}

// Conn is somebody at a terminal. What is written to it is typed there.
type Conn struct{ conn *net.UnixConn }

// Dial connects to the terminal of the agent with that folder.
func Dial(dir string) (*Conn, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(dir, SocketFile), Net: "unix"})
	if err != nil {
		return nil, ErrNoTerminal
	}
	return &Conn{conn}, nil
}

// Write types.
func (c *Conn) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		part := b[:min(len(b), frameMost)]
		if err := c.frame(typed, part); err != nil {
			return written, err
		}
		b, written = b[len(part):], written+len(part)
	}
	return written, nil
}

// Resize says how large the terminal is from now on.
func (c *Conn) Resize(rows, columns uint16) error {
	return c.frame(size, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, rows), columns))
}

// Watch copies what the agent writes to its terminal, until the run ends or the connection is closed.
func (c *Conn) Watch(to io.Writer) error {
	if err := c.frame(watch, nil); err != nil {
		return err
	}
	_, err := io.Copy(to, c.conn)
	return err
}

// Close leaves the terminal.
func (c *Conn) Close() error { return c.conn.Close() }

func (c *Conn) frame(kind byte, content []byte) error {
	frame := append(binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(content))), content...)
	_, err := c.conn.Write(frame)
	return err
}
