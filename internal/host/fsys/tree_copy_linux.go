package fsys

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Clone makes dst share the blocks of src, where the file system has that.
func Clone(dst, src *os.File) error {
	if err := unix.IoctlFileClone(int(dst.Fd()), int(src.Fd())); err != nil {
		return fmt.Errorf("cannot clone file: %w", err)
	}
	return nil
}

// Exchange swaps two names in one folder, at once and for good: at no moment is one of them
// missing. It fails with errors.ErrUnsupported where the file system (NFS, say) cannot do that.
func Exchange(dir *os.File, one, other string) error {
	err := unix.Renameat2(int(dir.Fd()), one, int(dir.Fd()), other, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) {
		err = errors.ErrUnsupported
	}
	if err != nil {
		return fmt.Errorf("cannot exchange %s and %s: %w", one, other, err)
	}
	return nil
}

// SyncFS brings all that was written to the file system of a path to the disk: many files in one go.
func SyncFS(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot sync: %w", err)
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("cannot sync: %w", err)
	}
	return nil
}
