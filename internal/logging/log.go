package logging

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/host/kernel"
)

const (
	// logBacklog is how many entries may wait for a slow terminal or pipe.
	logBacklog = 1024
	// heldMost is how much is kept of a log that is held back.
	heldMost = 256 << 10
	// flushFor is how long the last entries may take at the end.
	flushFor = time.Second
)

// Log is the sidecar's own: entries for those who collect them, or sentences for a person.
type Log struct {
	hclog.Logger
	w *patientWriter
	// Plain says that what happens is told in sentences.
	Plain bool
	// shown says that the last line of the terminal is ours.
	shown atomic.Bool
}

// NewLog returns the sidecar's own log, which End ends. level is trace, debug, info, warn,
// error or off; with json every entry is one JSON object on a line. Nobody ever waits for
// out: what does not fit is dropped and counted. In the journal of systemd an entry has its
// priority, and the time that the journal gives it.
func NewLog(level string, json bool, out io.Writer) (*Log, error) {
	at := hclog.LevelFromString(level)
	if at == hclog.NoLevel {
		return nil, fmt.Errorf("log level %q is not known", level)
	}
	w := &patientWriter{out: out, entries: make(chan []byte, logBacklog), done: make(chan struct{})}
	go w.run()
	options := &hclog.LoggerOptions{Name: "healer-sidecar", Level: at, Output: w, JSONFormat: json}
	if f, ok := out.(*os.File); ok && kernel.IsJournal(f) {
		options.DisableTime, options.Output = true, prioritised(w)
	}
	return &Log{Logger: hclog.New(options), w: w}, nil
}

// priorities are those of syslog, which the journal reads at the head of a line (sd-daemon(3)).
var priorities = map[hclog.Level]int{hclog.Trace: 7, hclog.Debug: 7, hclog.Info: 6, hclog.Warn: 4, hclog.Error: 3}

// prioritised puts the priority of every entry before it.
func prioritised(w io.Writer) io.Writer {
	levels := map[hclog.Level]io.Writer{}
	for level, n := range priorities {
		levels[level] = headed{w, fmt.Sprintf("<%d>", n)}
	}
	return hclog.NewLeveledWriter(w, levels)
}

// headed puts a head before everything that is written.
type headed struct {
	w    io.Writer
	head string
}

func (h headed) Write(entry []byte) (int, error) {
	_, err := h.w.Write(append([]byte(h.head), entry...))
	return len(entry), err
}

// Say tells a person a sentence.
func (l *Log) Say(sentence string) {
	if sentence == "" {
		return
	}
	_, _ = io.WriteString(l.w, l.wipe())
	_, _ = fmt.Fprintf(l.w, "healer: %s\n", sentence)
}

// Hold keeps what is logged from now on until the end: the terminal belongs to somebody else.
// What is shown on its last line while that one waits is shown all the same.
func (l *Log) Hold() { l.w.held.Store(true) }

// Tell tells a person a sentence, or the log where that is what is read.
func (l *Log) Tell(sentence string) {
	if l.Plain {
		l.Say(sentence)
		return
	}
	l.Warn(sentence)
}

// Show puts a sentence on the last line of a terminal, in the place of the one that is there;
// an empty one takes it away.
func (l *Log) Show(sentence string) {
	wipe := l.wipe()
	if sentence == "" {
		_, _ = io.WriteString(l.w, wipe)
		return
	}
	if wipe == "" {
		wipe = wiped
	}
	l.shown.Store(true)
	_, _ = fmt.Fprintf(l.w, "%shealer: %s", wipe, sentence)
}

// wiped clears the line of a terminal.
const wiped = "\r\x1b[K"

// wipe is what must be written before anything else so that no shown line is in the way.
func (l *Log) wipe() string {
	if l.shown.Swap(false) {
		return wiped
	}
	return ""
}

// End waits a little for the last entries. Nothing may be logged after it.
func (l *Log) End() { l.w.close() }

// patientWriter writes in a goroutine of its own, so that a terminal that is held
// back never holds healing back.
type patientWriter struct {
	out     io.Writer
	entries chan []byte
	dropped atomic.Int64
	// held says that nothing may be written until the end.
	held atomic.Bool
	done chan struct{}
	once sync.Once
}

func (w *patientWriter) Write(entry []byte) (int, error) {
	if len(entry) == 0 {
		return 0, nil
	}
	select {
	case w.entries <- bytes.Clone(entry):
	default:
		w.dropped.Add(1)
	}
	return len(entry), nil
}

func (w *patientWriter) run() {
	defer close(w.done)
	var kept []byte
	for entry := range w.entries {
		if w.held.Load() && !bytes.HasPrefix(entry, []byte(wiped)) {
			kept = append(kept, entry...)
			kept = kept[max(0, len(kept)-heldMost):]
			continue
		}
		if n := w.dropped.Swap(0); n > 0 {
			fmt.Fprintf(w.out, "healer-sidecar: %d log entries were dropped: the reader is too slow\n", n)
		}
		_, _ = w.out.Write(entry)
	}
	if len(kept) > 0 {
		_, _ = w.out.Write(kept)
	}
}

// close waits a little for the last entries. Nothing may be logged after it.
func (w *patientWriter) close() {
	w.once.Do(func() { close(w.entries) })
	select {
	case <-w.done:
	case <-time.After(flushFor):
	}
}
