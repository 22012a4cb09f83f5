package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"healer-sidecar/testlab"
)

// talkMode is the first argument with which this program plays an agent that
// prints a telling line now and then, with the time at which it is written.
const talkMode = "talk"

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
