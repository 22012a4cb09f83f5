package launch

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"healer-sidecar/internal/host/fsys"
)

// CannotRun says in the words of a shell why a command cannot be run, with the exit code that
// a shell would have.
type CannotRun struct {
	Command, Why string
	Code         int
}

func (e *CannotRun) Error() string { return e.Command + ": " + e.Why }

const (
	CodeNotFound, CodeNotExecutable = 127, 126
	// maxHead is how much of a program is looked at to find out how it is run.
	maxHead = 256
)

// Runnable returns a command as it must be executed, or a *CannotRun. A script without a first
// line that names its interpreter is one for the shell, as for every shell and execvp.
func Runnable(command []string) ([]string, error) {
	name := command[0]
	path, err := fsys.LookPath(name, os.Getenv("PATH"), "")
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && !strings.Contains(name, "/"):
		return nil, &CannotRun{name, "command not found", CodeNotFound}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &CannotRun{name, "No such file or directory", CodeNotFound}
	case errors.Is(err, syscall.ENOTDIR):
		return nil, &CannotRun{name, "Not a directory", CodeNotExecutable}
	default:
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return nil, &CannotRun{name, "Is a directory", CodeNotExecutable}
		}
		return nil, &CannotRun{name, "Permission denied", CodeNotExecutable}
	}
	head := headOf(path)
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		line, _, _ := strings.Cut(string(head[2:]), "\n")
		words := strings.Fields(line)
		if len(words) == 0 {
			return command, nil
		}
		if _, err := os.Stat(words[0]); errors.Is(err, fs.ErrNotExist) {
			return nil, &CannotRun{name, words[0] + ": bad interpreter: No such file or directory", CodeNotExecutable}
		}
	case isText(head):
		return append([]string{"/bin/sh", path}, command[1:]...), nil
	}
	return command, nil
}

// headOf is the beginning of a file; nothing of one that cannot be read.
func headOf(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head, _ := bufio.NewReaderSize(io.LimitReader(f, maxHead), maxHead).Peek(maxHead)
	return head
}

// isText reports that a file begins like something that a shell can read: a line of text. One
// with any control byte is a program of some kind.
func isText(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return len(line) > 0 && bytes.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f }) < 0
}
