package procs

import "os"

// Stdio is what a program gets as its descriptors 0, 1 and 2; nil means /dev/null.
type Stdio struct {
	Files [3]*os.File
	// TTY says that the input is a terminal, which the program is to control.
	TTY bool
	// own are those that belong to the program alone.
	own []*os.File
}

// Own sets a descriptor that belongs to the program alone: it is closed here once the program
// has it.
func (s *Stdio) Own(n int, f *os.File) {
	s.Files[n], s.own = f, append(s.own, f)
}

// Close gives back what belongs to the program.
func (s *Stdio) Close() {
	for _, f := range s.own {
		f.Close()
	}
	s.own = nil
}
