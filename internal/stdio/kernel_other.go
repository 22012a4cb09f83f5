//go:build !linux

package stdio

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const (
	fionread  = unix.TIOCOUTQ
	pollRDHup = 0

	getTermios, setTermios, setTermiosDrained = unix.TIOCGETA, unix.TIOCSETA, unix.TIOCSETAW
)

// tee is not known here: an input that cannot be looked ahead into is given as it is.
func tee(int, int, int) (int, error) { return 0, errors.ErrUnsupported }

func growPipe(*os.File, int) {}

// canPeek says whether an input can be looked ahead into.
const canPeek = false

func openOther(*os.File) (*os.File, error) { return nil, errors.ErrUnsupported }
