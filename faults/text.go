package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/testlab"
)

// hostile are bytes that would drive a terminal: its title, its clipboard, its screen, the
// order and the place of what it shows.
const hostile = "\x1b]0;owned\x07 \x1b]52;c;b3duZWQ=\x07 \x1b[2J \xc2\x9b2J \x9b31m \u202e back \r overwritten \x00\x08"

// escapes: an agent prints terminal escapes, and people look at it.
func escapes(l *testlab.Lab) (string, error) {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(l.Path("hostile"), []byte("FATAL: "+hostile+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := l.Begin(shell(l, "cat "+l.Path("hostile")+"; sleep 0.3; cat "+l.Path("hostile")+"; exit 7", held)); err != nil {
		return "", err
	}
	if err := follows(l); err != nil {
		return "", err
	}
	if _, err := exitOf(l, time.Minute); err != nil {
		return "", err
	}
	time.Sleep(time.Second)
	shown := 0
	for _, verb := range [][]string{{"status"}, {"events"}, {"explain"}, {"patterns"}, {"stats"}, {"logs", "a"}, {"events", "--json"}} {
		out, err := l.Verb(verb...)
		if err != nil {
			return "", fmt.Errorf("%v: %w", verb, err)
		}
		if bad := drives(out); bad != "" {
			return "", fmt.Errorf("%v lets %s through", verb, bad)
		}
		shown += len(out)
	}
	raw, err := l.Verb("logs", "a", "--raw")
	if err != nil || !strings.Contains(raw, hostile) {
		return "", fmt.Errorf("logs --raw changes bytes: %q, %w", raw, err)
	}
	if bad := drives(strings.ReplaceAll(l.Log(), "\n", "")); bad != "" {
		return "", fmt.Errorf("our own log lets %s through", bad)
	}
	return fmt.Sprintf("7 verbs, %d bytes, none of them drives a terminal; --raw is unchanged", shown), nil
}

// drives names the first byte or rune that would do something to a terminal.
func drives(text string) string {
	for i, r := range text {
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return fmt.Sprintf("the raw byte %#x", text[i])
			}
		case r < 0x20 && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return fmt.Sprintf("%U", r)
		}
	}
	return ""
}

// rotations and perRotation make the stream of numbered lines.
const rotations, perRotation = 1000, 25

// rotate is one way to begin a log anew.
type rotate struct {
	name string
	// exact says that nothing may be lost.
	exact bool
	do    func(path string, f *os.File) (*os.File, error)
}

var ways = []rotate{
	{"rename", true, func(path string, f *os.File) (*os.File, error) {
		f.Close()
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
		return appendTo(path)
	}},
	{"copytruncate", false, func(_ string, f *os.File) (*os.File, error) { return f, f.Truncate(0) }},
	{"delete", false, func(path string, f *os.File) (*os.File, error) {
		f.Close()
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		return appendTo(path)
	}},
}

func appendTo(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// rotation: a log is begun anew a thousand times under numbered lines.
func rotation(l *testlab.Lab) (string, error) {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return "", err
	}
	var figures []string
	for _, way := range ways {
		lost, twice, err := rotated(l.Path(way.name+".log"), way)
		if err != nil {
			return "", err
		}
		figures = append(figures, fmt.Sprintf("%s: %d lost, %d twice", way.name, lost, twice))
		all := rotations * perRotation
		if way.exact && lost+twice > 0 || lost+twice > all/100 {
			return "", errors.New(strings.Join(figures, "; "))
		}
	}
	return fmt.Sprintf("of %d lines at 5,000/s, %s", rotations*perRotation, strings.Join(figures, "; ")), nil
}

// rotated writes at five thousand lines a second and counts what the follower saw.
func rotated(path string, way rotate) (lost, twice int, err error) {
	f, err := appendTo(path)
	if err != nil {
		return 0, 0, err
	}
	seen := make([]int, rotations*perRotation)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- followed(ctx, path, seen) }()
	time.Sleep(200 * time.Millisecond)
	tick := time.NewTicker(perRotation * time.Second / 5000)
	defer tick.Stop()
	for n := range rotations {
		<-tick.C
		var block bytes.Buffer
		for i := range perRotation {
			fmt.Fprintf(&block, "line %d\n", n*perRotation+i)
		}
		if _, err := f.Write(block.Bytes()); err != nil {
			return 0, 0, err
		}
		time.Sleep(perRotation * time.Second / 10000)
		if f, err = way.do(path, f); err != nil {
			return 0, 0, err
		}
	}
	defer f.Close()
	time.Sleep(500 * time.Millisecond)
	cancel()
	err = <-done
	for _, n := range seen {
		switch {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	return lost, twice, err
}

// followed counts the numbered lines of a log until the context ends.
func followed(ctx context.Context, path string, seen []int) error {
	w, err := follow.NewWatcher()
	if err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	w.Subscribe(path, changed)
	go w.Run(ctx)
	f := follow.Open(path)
	defer f.Close()
	count := func(block []byte) {
		for line := range bytes.Lines(block) {
			n := -1
			if _, err := fmt.Sscanf(string(line), "line %d", &n); err == nil && n >= 0 && n < len(seen) {
				seen[n]++
			}
		}
	}
	for {
		select {
		case <-changed:
			if err := f.Read(count); err != nil {
				return err
			}
		case <-ctx.Done():
			return f.Read(count)
		}
	}
}
