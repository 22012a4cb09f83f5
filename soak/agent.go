package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// The first argument with which this program plays an agent, and a stranger.
const agentMode, strangerMode = "agent", "stranger"

// The faults that an agent has in it, by the signal that brings each about.
const (
	crash = syscall.SIGUSR1 // ends with code 1
	hang  = syscall.SIGUSR2 // neither works nor ends
	flood = syscall.SIGALRM // writes twenty megabytes at once
	leak  = syscall.SIGHUP  // takes 150 MiB
)

// agent works: it touches its heartbeat ten times a second. It binds a socket that only one
// copy can hold, and writes every start, and every second copy, into a ledger of its own.
func agent(dir string) {
	testlab.Book(dir, "start")
	if _, err := net.Listen("unix", "@soak"+dir); err != nil {
		testlab.Book(dir, "COPY")
		os.Exit(99)
	}
	orders := make(chan os.Signal, 8)
	signal.Notify(orders, crash, hang, flood, leak)
	work := time.NewTicker(100 * time.Millisecond)
	var held []byte
	for {
		select {
		case <-work.C:
			_ = os.WriteFile(filepath.Join(dir, "beat"), []byte(strconv.Itoa(len(held))), 0o600)
		case sig := <-orders:
			switch sig {
			case crash:
				fmt.Println("FATAL: the soak ends it")
				os.Exit(1)
			case hang:
				select {}
			case flood:
				_, _ = os.Stdout.WriteString(strings.Repeat("INFO step finished tool=search latency_ms=12\n", 450_000))
			case leak:
				held = grown(150 << 20)
			}
		}
	}
}

// grown is memory that is really there.
func grown(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}

// stranger looks like an agent and is none: whatever signal reaches it is written down.
func stranger(dir string) {
	all := make(chan os.Signal, 8)
	signal.Notify(all)
	for sig := range all {
		if sig != syscall.SIGURG { // the runtime's own
			testlab.Book(dir, "SIGNAL")
		}
	}
}
