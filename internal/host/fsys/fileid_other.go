//go:build !linux

package fsys

import (
	"fmt"
	"os"
	"syscall"
)

// FileID tells a file from others that exist with it.
type FileID struct{ Device, Inode uint64 }

// FileIDOf identifies the file at a path, without following a link.
func FileIDOf(path string) (FileID, error) {
	info, err := os.Lstat(path)
	return fileID(info, err)
}

// FileIDOfOpen identifies an open file.
func FileIDOfOpen(f *os.File) (FileID, error) {
	info, err := f.Stat()
	return fileID(info, err)
}

func fileID(info os.FileInfo, err error) (FileID, error) {
	if err != nil {
		return FileID{}, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return FileID{}, fmt.Errorf("cannot identify %s", info.Name())
	}
	return FileID{Device: uint64(st.Dev), Inode: st.Ino}, nil
}
