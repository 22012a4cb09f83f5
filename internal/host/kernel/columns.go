package kernel

import (
	"os"

	"golang.org/x/sys/unix"
)

// Columns is how many columns a terminal has; 0 for a file that is none.
func Columns(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
