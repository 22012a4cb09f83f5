package stdio

import (
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"
)

// kind is what a descriptor of ours is.
type kind int

const (
	// none is closed, or is the null device: nobody looks at it.
	none kind = iota
	// plain is a regular file; device a device, but no terminal.
	plain
	device
	// flow is a pipe or a socket.
	flow
	terminal
)

func kindOf(f *os.File) kind {
	if f == nil {
		return none
	}
	info, err := f.Stat()
	if err != nil {
		return none
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return plain
	case mode&(os.ModeNamedPipe|os.ModeSocket) != 0:
		return flow
	case isDevice(f, os.DevNull):
		return none
	case isatty.IsTerminal(descriptor(f)):
		return terminal
	}
	return device
}

// same reports that two descriptors lead to the same pipe, file or terminal.
func same(a, b *os.File) bool {
	if a == nil || b == nil {
		return false
	}
	x, err := a.Stat()
	if err != nil {
		return false
	}
	y, err := b.Stat()
	return err == nil && os.SameFile(x, y)
}

// descriptor is the number of an open file. Fd of the standard library would make the file
// block, for everybody who shares it.
func descriptor(f *os.File) uintptr {
	fd := ^uintptr(0)
	if conn, err := f.SyscallConn(); err == nil {
		_ = conn.Control(func(n uintptr) { fd = n })
	}
	return fd
}

// duplicate opens a descriptor once more; nil when that fails.
func duplicate(f *os.File) *os.File {
	fd, err := unix.FcntlInt(descriptor(f), unix.F_DUPFD_CLOEXEC, lowestCopy)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// lowestCopy keeps copies away from the numbers that mean something.
const lowestCopy = 3
