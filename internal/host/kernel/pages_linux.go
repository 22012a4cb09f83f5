package kernel

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

// fixedBelow is where programs are mapped that are linked to fixed addresses; only
// those have no relocations, which are changes of pages that look unchanged.
const fixedBelow = 1 << 32

// programText reads a line of /proc/self/maps. It reports true for what is mapped
// from our file and cannot have been changed: code, and constants of a program
// without relocations. Such a page can always be read from the file again.
func programText(line []byte) (start, end uintptr, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) < 6 || fields[5][0] != '/' {
		return 0, 0, false
	}
	from, to, _ := bytes.Cut(fields[0], []byte("-"))
	a, errA := strconv.ParseUint(string(from), 16, 64)
	b, errB := strconv.ParseUint(string(to), 16, 64)
	if errA != nil || errB != nil || b <= a {
		return 0, 0, false
	}
	mode := string(fields[1])
	return uintptr(a), uintptr(b), mode == "r-xp" || mode == "r--p" && b < fixedBelow
}
