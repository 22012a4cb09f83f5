package stdio

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	fionread  = unix.TIOCINQ
	pollRDHup = unix.POLLRDHUP

	getTermios, setTermios, setTermiosDrained = unix.TCGETS, unix.TCSETS, unix.TCSETSW
)

// tee copies between two pipes and takes nothing out of the first.
func tee(from, to, most int) (int, error) {
	n, err := unix.Tee(from, to, most, unix.SPLICE_F_NONBLOCK)
	return int(n), err
}

// growPipe makes more room in a pipe, where the kernel allows it.
func growPipe(f *os.File, size int) {
	_, _ = unix.FcntlInt(descriptor(f), unix.F_SETPIPE_SZ, size)
}

// canPeek says whether an input can be looked ahead into.
const canPeek = true

// openOther opens the end of a pipe that is read, by the one that is written.
func openOther(f *os.File) (*os.File, error) {
	return os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", descriptor(f)), os.O_RDONLY|unix.O_NONBLOCK, 0)
}
