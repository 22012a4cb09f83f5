package fsys

import (
	"os"

	"golang.org/x/sys/unix"
)

// FileID tells a file from every other one, also from one that has its number later.
type FileID struct {
	Major, Minor uint32
	Inode        uint64
	// Born is when it was made; 0 where the file system does not say.
	Born unix.StatxTimestamp
}

// FileIDOf identifies the file at a path, without following a link.
func FileIDOf(path string) (FileID, error) {
	return fileID(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW)
}

// FileIDOfOpen identifies an open file.
func FileIDOfOpen(f *os.File) (FileID, error) { return fileID(int(f.Fd()), "", unix.AT_EMPTY_PATH) }

func fileID(dir int, path string, flags int) (FileID, error) {
	var st unix.Statx_t
	if err := unix.Statx(dir, path, flags, unix.STATX_INO|unix.STATX_BTIME, &st); err != nil {
		return FileID{}, err
	}
	id := FileID{Major: st.Dev_major, Minor: st.Dev_minor, Inode: st.Ino}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Born = st.Btime
	}
	return id, nil
}
