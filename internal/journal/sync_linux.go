package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// fdatasync makes the content durable without waiting for the file's times.
func fdatasync(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
