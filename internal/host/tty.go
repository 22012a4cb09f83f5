package host

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
