package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/testlab"
)

// talkMode is the first argument with which this program plays an agent that
// prints a telling line now and then, with the time at which it is written.
const talkMode = "talk"

// pourMode is the first argument with which it writes lines of 120 bytes as fast as it can,
// in blocks as a C library would.
const pourMode = "pour"

func pour(args []string) {
	lines, err := strconv.Atoi(args[0])
	if err != nil {
		os.Exit(1)
	}
	line := strings.Repeat("the usual words of a usual line of output, ", 3)[:119] + "\n"
	block := []byte(strings.Repeat(line, 34)) // close to 4 KiB
	for n := 0; n < lines; n += 34 {
		if _, err := os.Stdout.Write(block); err != nil {
			os.Exit(1)
		}
	}
}

func talk(args []string) {
	pause, err := strconv.Atoi(args[0])
	if err != nil {
		os.Exit(1)
	}
	for {
		time.Sleep(time.Duration(pause) * time.Millisecond)
		fmt.Printf("marker %d\n", testlab.Now())
	}
}
