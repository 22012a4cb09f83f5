package host

import (
	"bytes"
	"os"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// ReleaseStartupPages gives back the memory that only starting needed: the heap of
// the policy's parser, and the pages of our own program file. What is needed again
// comes back from the page cache, a few pages at a time. It returns how many
// bytes of program file were let go.
func ReleaseStartupPages() int {
	debug.FreeOSMemory()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return 0
	}
	released := 0
	for line := range bytes.Lines(maps) {
		if start, end, ok := programText(line); ok {
			if _, _, errno := unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED); errno == 0 {
				released += int(end - start)
			}
		}
	}
	return released
}

// programText reads a line of /proc/self/maps. It reports true for code that is
// mapped from a file and cannot have been changed: such a page can always be read
// from the file again.
func programText(line []byte) (start, end uintptr, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) < 6 || string(fields[1]) != "r-xp" || fields[5][0] != '/' {
		return 0, 0, false
	}
	from, to, found := bytes.Cut(fields[0], []byte("-"))
	a, errA := strconv.ParseUint(string(from), 16, 64)
	b, errB := strconv.ParseUint(string(to), 16, 64)
	return uintptr(a), uintptr(b), found && errA == nil && errB == nil && b > a
}
