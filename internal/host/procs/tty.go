package procs

import (
	"fmt"
	"io"
	"os"

	"github.com/creack/pty"
)

// usualSize is that of a terminal which nobody looks at.
var usualSize = pty.Winsize{Rows: 24, Cols: 80}

// OpenTTY makes a terminal: what is written to agent can be read from keeper.
func OpenTTY() (keeper, agent *os.File, err error) {
	keeper, agent, err = pty.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a terminal: %w", err)
	}
	if err := pty.Setsize(keeper, &usualSize); err != nil {
		keeper.Close()
		agent.Close()
		return nil, nil, fmt.Errorf("cannot make a terminal: %w", err)
	}
	return keeper, agent, nil
}

// KeepTTY copies what an agent writes to its terminal into a file until nobody holds
// the terminal any more. A file that takes nothing loses text; it never holds the
// agent up.
func KeepTTY(keeper io.Reader, file io.Writer) {
	buf := make([]byte, 32<<10)
	for {
		n, err := keeper.Read(buf)
		_, _ = file.Write(buf[:n])
		if err != nil {
			return
		}
	}
}

// TTYSize is how large a terminal is; false for what is none.
func TTYSize(f *os.File) (rows, columns uint16, ok bool) {
	size, err := pty.GetsizeFull(f)
	if err != nil {
		return 0, 0, false
	}
	return size.Rows, size.Cols, true
}

// ResizeTTY says how large a terminal is from now on; the kernel tells the agent. A size of nothing
// is no size.
func ResizeTTY(keeper *os.File, rows, columns uint16) {
	if rows > 0 && columns > 0 {
		_ = pty.Setsize(keeper, &pty.Winsize{Rows: rows, Cols: columns})
	}
}
