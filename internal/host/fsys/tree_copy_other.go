//go:build !linux

package fsys

import (
	"errors"
	"fmt"
	"os"
)

// Clone is not known here.
func Clone(_, _ *os.File) error { return errors.New("cannot clone file: not known on this system") }

// Exchange is not known here.
func Exchange(*os.File, string, string) error {
	return fmt.Errorf("cannot exchange files: %w", errors.ErrUnsupported)
}

// SyncFS brings the names in a folder to the disk: this system has no more than that.
func SyncFS(path string) error { return SyncDir(path) }
