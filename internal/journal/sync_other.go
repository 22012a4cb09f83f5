//go:build !linux

package journal

import "os"

// fdatasync makes the content durable; this system has only the full sync.
func fdatasync(f *os.File) error { return f.Sync() }
