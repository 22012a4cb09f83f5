package daemon

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/supervisor"
)

// stream is one output of an agent that is being read.
type stream struct {
	name string
	tail *follow.Tail
}

// Logs serves the last lines of both outputs in the order in which they came, and
// then what follows.
func (s *sidecar) Logs(ctx context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error {
	if err := s.known(q.Agent); err != nil {
		return err
	}
	var streams []stream
	var lines []heal.LogLine
	changed := make(chan struct{}, 1)
	for _, file := range []string{supervisor.StdoutFile, supervisor.StderrFile} {
		path := s.spawner.AgentDir(q.Agent) + "/" + file
		tail, last, err := follow.Last(path, q.Last)
		if err != nil {
			return err
		}
		defer tail.Close()
		st := stream{strings.TrimSuffix(file, ".log"), tail}
		streams, lines = append(streams, st), append(lines, st.lines(last)...)
		if q.Follow {
			s.watcher.Subscribe(path, changed)
			defer s.watcher.Unsubscribe(path, changed)
		}
	}
	if !serve(lines, each) || !q.Follow {
		return nil
	}
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
		if more, err := moreOf(streams); err != nil || !serve(more, each) {
			return err
		}
	}
}

func moreOf(streams []stream) ([]heal.LogLine, error) {
	var lines []heal.LogLine
	for _, st := range streams {
		more, err := st.tail.More()
		if err != nil {
			return nil, err
		}
		lines = append(lines, st.lines(more)...)
	}
	return lines, nil
}

// serve hands lines out in the order of their times. A line without one came later
// than all that have one: the reader has not seen it yet.
func serve(lines []heal.LogLine, each func(heal.LogLine) bool) bool {
	now := time.Now()
	for i := range lines {
		if lines[i].At.IsZero() {
			lines[i].At = now
		}
	}
	slices.SortStableFunc(lines, func(a, b heal.LogLine) int { return a.At.Compare(b.At) })
	for _, l := range lines {
		if !each(l) {
			return false
		}
	}
	return true
}

func (st stream) lines(raw []follow.Line) []heal.LogLine {
	out := make([]heal.LogLine, 0, len(raw))
	for _, l := range raw {
		line := heal.LogLine{At: l.At, Stream: st.name, Text: strings.ToValidUTF8(string(l.Text), "\uFFFD")}
		if !utf8.Valid(l.Text) {
			line.Bytes = bytes.Clone(l.Text)
		}
		out = append(out, line)
	}
	return out
}
