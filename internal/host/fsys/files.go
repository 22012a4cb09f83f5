package fsys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/kernel"
)

// ErrLocked says that another sidecar holds the state directory.
var ErrLocked = errors.New("state_locked")

// LockFile is the lock of a state directory.
const LockFile = "lock"

// ErrUnsafe says that others may read or write what has to be ours alone.
var ErrUnsafe = errors.New("state_unsafe")

// OpenRegular opens a file for reading that the agent may replace at any time:
// no link is followed in the last step and nothing but a regular file is read.
func OpenRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|kernel.OpenNoFollow, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("cannot open log %s: log_path_refused: it is a symbolic link", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open log %s: %w", path, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("log_path_refused: %s, not a regular file", info.Mode().Type())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot open log %s: %w", path, err)
	}
	return f, nil
}

// OpenAppend opens the file that takes an agent's output.
func OpenAppend(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|kernel.OpenNoFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open output file: %w", err)
	}
	return f, nil
}

// PrivateDir creates a directory for our state, or checks one that exists: it
// must be ours, a real directory, and closed to everybody else.
func PrivateDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("cannot create state directory: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("cannot read state directory: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("cannot use state directory %s: %w: it is not a directory", path, ErrUnsafe)
	case ok && int(owner.Uid) != os.Geteuid():
		return fmt.Errorf("cannot use state directory %s: %w: it belongs to uid %d, we are %d", path, ErrUnsafe, owner.Uid, os.Geteuid())
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("cannot use state directory %s: %w: mode %04o lets others in; run: chmod 700 %s", path, ErrUnsafe, info.Mode().Perm(), path)
	}
	return nil
}

// Lock takes the exclusive lock on a state directory and leaves our pid in it.
// The lock is held until the file is closed or the process ends.
func Lock(dir string) (*os.File, error) {
	f, err := TryLock(dir)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot write lock: %w", err)
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot write lock: %w", err)
	}
	return f, nil
}

// TryLock takes the exclusive lock on a state directory and leaves no word of that.
func TryLock(dir string) (*os.File, error) {
	return lock(dir, os.O_RDWR|os.O_CREATE)
}

// LockForReading takes the lock of a directory that cannot be written to, where there is one.
func LockForReading(dir string) (*os.File, error) { return lock(dir, os.O_RDONLY) }

func lock(dir string, how int) (*os.File, error) {
	path := filepath.Join(dir, LockFile)
	f, err := os.OpenFile(path, how|kernel.OpenNoFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := make([]byte, 32)
		n, _ := f.Read(holder)
		f.Close()
		return nil, fmt.Errorf("cannot use state directory %s: %w: a sidecar with pid %s is using it", dir, ErrLocked, strings.TrimSpace(string(holder[:n])))
	}
	return f, nil
}

// blockBytes is the unit in which the kernel counts what a file occupies.
const blockBytes = 512

// Occupied is what a file takes on the disk, which is less than its length where parts of it
// were released.
func Occupied(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * blockBytes
	}
	return info.Size()
}

// Unlinked reports that a file has no name any more.
func Unlinked(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}

// LookPath finds a program the way a shell would: a name with a slash is taken
// as it is, relative to the working directory; any other is searched in PATH.
func LookPath(name, path, dir string) (string, error) {
	if strings.Contains(name, "/") {
		return name, executable(name, dir)
	}
	failure := error(syscall.ENOENT)
	for _, d := range filepath.SplitList(path) {
		full := filepath.Join(d, name)
		err := executable(full, dir)
		if err == nil {
			return full, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			failure = err
		}
	}
	return "", failure
}

func executable(path, dir string) error {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			return errno
		}
		return err
	}
	if info.IsDir() {
		return syscall.EACCES
	}
	return unix.Access(path, unix.X_OK)
}

// SyncDir brings the names in a folder to the disk.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems have no such thing
		return fmt.Errorf("cannot sync folder: %w", err)
	}
	return nil
}

// Replace writes a small file whole or not at all, and for good; a link in its place is replaced, not
// followed. Nothing of it ever lies in another folder.
func Replace(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := renameio.WriteFile(path, content, 0o600, renameio.WithTempDir(dir)); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return SyncDir(dir)
}

// DropHalfWritten removes what a death in the middle of a Replace has left in a folder of ours.
func DropHalfWritten(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Type().IsRegular() && halfWritten().MatchString(e.Name()) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// halfWritten are the names under which a file is written before it takes its own: a dot, the name
// and a number.
var halfWritten = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\..+[0-9]{6,}$`) })

// Create writes a file that does not exist yet.
func Create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("cannot create %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// Rewrite is Replace for a file of somebody else: it keeps its mode.
func Rewrite(path string, content []byte) error {
	if err := renameio.WriteFile(path, content, 0o644, renameio.WithExistingPermissions(), renameio.WithTempDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}
