package stdio

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Full says which output of ours takes nothing more because there is no room where it leads;
// empty for none. A further run could not be written down either.
func (c *Client) Full() string {
	for i, f := range []*os.File{c.o.Out, c.o.Err} {
		if (c.out[i] == plain || c.out[i] == device) && full(f) {
			return names[i] + ": " + unix.ENOSPC.Error()
		}
	}
	return ""
}

// full reports that a file system has no room for another block, or that a device never has.
func full(f *os.File) bool {
	if isDevice(f, "/dev/full") {
		return true
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	var fs unix.Statfs_t
	return unix.Fstatfs(int(descriptor(f)), &fs) == nil && fs.Blocks > 0 && fs.Bavail == 0
}

// isDevice tells a device by its number, wherever it lies.
func isDevice(f *os.File, path string) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	other, err := os.Stat(path)
	if err != nil {
		return false
	}
	a, _ := info.Sys().(*syscall.Stat_t)
	b, _ := other.Sys().(*syscall.Stat_t)
	return a != nil && b != nil && a.Rdev == b.Rdev
}
