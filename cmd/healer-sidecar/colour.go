package main

import (
	"fmt"
	"os"
	"time"

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

// patience is how long something may take before a person is shown that it goes on.
const patience = time.Second

// progress shows on a terminal that something goes on, once it takes long; the function that
// it returns ends that.
func (s streams) progress(what string) (done func()) {
	f, ok := s.err.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return func() {}
	}
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		begun := time.Now()
		for shown := false; ; {
			select {
			case <-time.After(patience):
				shown = true
				fmt.Fprintf(f, "\r%s: %s so far ", what, time.Since(begun).Round(time.Second))
			case <-ended:
				if shown {
					fmt.Fprint(f, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return func() { close(ended); <-gone }
}
