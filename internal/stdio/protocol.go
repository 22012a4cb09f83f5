package stdio

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// Kinds of events.
const (
	// Recorded: all that a run wrote to a stream can be read in its file.
	Recorded = "recorded"
	// Delivered: all that a run wrote to a stream has reached its reader.
	Delivered = "delivered"
	// Broken: the reader of a stream is gone, and the pipe of the run closed.
	Broken = "broken"
	// Fed: how much of the input a run has read, and why it cannot be read again.
	Fed = "fed"
)

// Event tells what became of the streams of a run.
type Event struct {
	Kind   string `json:"kind"`
	Stream string `json:"stream,omitempty"`
	Run    int    `json:"run,omitempty"`
	// Lost counts bytes that were not recorded, Fault is why, or how a reader is gone.
	Lost  int64  `json:"lost,omitempty"`
	Fault string `json:"fault,omitempty"`
	// Read is how many bytes of the input the run has taken.
	Read int64 `json:"read,omitempty"`
}

// command is what a server is asked. The files that come with it are named in Files.
type command struct {
	Op    string   `json:"op"`
	Run   int      `json:"run,omitempty"`
	Files []string `json:"files,omitempty"`
	State *state   `json:"state,omitempty"`

	files []*os.File
}

// Operations.
const (
	opState = "state"
	opRun   = "run"
	opEnded = "ended"
	opTake  = "take"
	opQuit  = "quit"
	// opSize says that our terminal has another size, opResume that it is read again.
	opSize, opResume = "size", "resume"
)

// file is the named one of those that came along; nil for none.
func (c command) file(name string) *os.File {
	for i, n := range c.Files {
		if n == name && i < len(c.files) {
			return c.files[i]
		}
	}
	return nil
}

// with adds a file.
func (c *command) with(name string, f *os.File) {
	if f != nil {
		c.Files, c.files = append(c.Files, name), append(c.files, f)
	}
}

// maxMessage bounds a message; the largest one carries what was read and not written yet.
const maxMessage = 16 << 20

// talk is one end of a connection. Writing is safe for concurrent use.
type talk struct {
	conn *net.UnixConn
	mu   sync.Mutex // serialises what is sent
}

// send writes a message, and the files that go with it.
func (t *talk) send(v any, files []*os.File) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode a message: %w", err)
	}
	fds := make([]int, 0, len(files))
	for _, f := range files {
		fds = append(fds, int(descriptor(f)))
	}
	var rights []byte
	if len(fds) > 0 {
		rights = syscall.UnixRights(fds...)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, _, err := t.conn.WriteMsgUnix(head, rights, nil); err != nil {
		return fmt.Errorf("cannot send a message: %w", err)
	}
	if _, err := t.conn.Write(body); err != nil {
		return fmt.Errorf("cannot send a message: %w", err)
	}
	return nil
}

// maxFiles bounds how many files come with one message.
const maxFiles = 16

// receive reads the next message into v and returns the files that came with it.
func (t *talk) receive(v any) ([]*os.File, error) {
	head, oob := make([]byte, 4), make([]byte, syscall.CmsgSpace(4*maxFiles))
	n, oobn, _, _, err := t.conn.ReadMsgUnix(head, oob)
	if n == 0 && err == nil {
		err = io.EOF
	}
	if err != nil {
		return nil, err
	}
	files := filesIn(oob[:oobn])
	if _, err := io.ReadFull(t.conn, head[n:]); err != nil {
		return files, err
	}
	size := binary.BigEndian.Uint32(head)
	if size > maxMessage {
		return files, errors.New("cannot read a message: it is too long")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(t.conn, body); err != nil {
		return files, err
	}
	return files, json.Unmarshal(body, v)
}

func filesIn(oob []byte) []*os.File {
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			continue
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	return files
}
