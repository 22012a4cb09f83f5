package main

import (
	"os"

	"github.com/mattn/go-isatty"
)

// colour is an SGR parameter.
type colour string

const (
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	dim    colour = "2"
)

// paint colours a word on a terminal, unless NO_COLOR forbids it.
func (s streams) paint(word string, c colour) string {
	f, ok := s.out.(*os.File)
	if !ok || c == "" || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !isatty.IsTerminal(f.Fd()) {
		return word
	}
	return "\x1b[" + string(c) + "m" + word + "\x1b[0m"
}
