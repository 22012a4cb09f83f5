package detect

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

const (
	// burst and refill bound how many log signals reach the engine: an agent that
	// prints the same error a million times says nothing new (law 5).
	burst  = 20
	refill = 200 * time.Millisecond
	// roomEvery is the least time between two notes on output that was not kept.
	roomEvery = time.Minute
)

// followed is a file, or a folder of them.
type followed interface {
	Path() string
	// Part is the file whose lines are being handed out, of several; empty for one alone.
	Part() string
	// Subscribe asks for news of it, until Unsubscribe.
	Subscribe(*follow.Watcher, chan<- struct{})
	Unsubscribe(*follow.Watcher, chan<- struct{})
	// Read hands out the lines that are complete, Drain those of a writer that has ended.
	Read(each func([]byte)) error
	Drain(each func([]byte)) error
	Resume()
	Behind() bool
	// Unfinished is the line that has no end yet; it is valid until the next Read.
	Unfinished() []byte
	Passed() int64
	// Cut is how many lines were too long to be looked at to their end.
	Cut() int
	Dropped() (n int64, fault string)
	Keep(follow.Keep)
	Close()
}

// source is one followed text.
type source struct {
	name string
	file followed
	// blind says why it cannot be read; empty when it can.
	blind string
	// dropped and fault are what was told of the room it takes.
	dropped int64
	fault   string
	told    time.Time
	// cut is what was told of lines that were too long.
	cut int
	// passed is what was told of bytes that came too fast.
	passed     int64
	passedTold time.Time
	cutTold    time.Time
}

// pathOf is where a text lies: that of a stream in the agent's folder.
func (a *Agent) pathOf(l Log) string {
	if l.Path != "" {
		return l.Path
	}
	return filepath.Join(a.outputs, l.Name+".log")
}

func (a *Agent) open(l Log) *source {
	s := &source{name: l.title()}
	switch {
	case l.many():
		f := follow.OpenFolder(l.Path)
		s.file = f
		note := fmt.Sprintf("%s: %d files are followed", s.name, f.Files())
		if n := f.Refused(); n > 0 {
			note += fmt.Sprintf(", %d more are not: name fewer by the path", n)
		}
		a.sink.Noted(a.spec.Agent, note)
	case l.Path != "":
		s.file = follow.Open(l.Path)
	default:
		s.file = follow.OpenOutput(a.pathOf(l), Keeping(a.spec.Output))
	}
	return s
}

// readElsewhere follows the streams in another folder too.
func (a *Agent) readElsewhere(dir string) {
	if dir == a.spareDir {
		return
	}
	a.spareDir = dir
	for _, l := range a.spec.Logs {
		if l.Path != "" {
			continue
		}
		s := &source{name: l.title(), file: follow.OpenOutput(filepath.Join(dir, l.Name+".log"), Keeping(a.spec.Output))}
		a.spare = append(a.spare, s)
		if a.watcher != nil {
			s.file.Subscribe(a.watcher, a.changed)
		}
	}
	a.sources = append(a.sources, a.spare...)
}

// title names the text whose lines are being handed out.
func (s *source) title() string { return strings.TrimSpace(s.name + " " + s.file.Part()) }

// Keeping is what an output block says, for those who read the files.
func Keeping(o config.Output) follow.Keep {
	return follow.Keep{Size: int64(o.Size), Count: o.Keep, MaxAge: o.MaxAge, Compress: o.Compress}
}

// read takes what the followed files have to offer.
func (a *Agent) read(how func(followed, func([]byte)) error) {
	for _, s := range a.sources {
		a.sight(s, how(s.file, func(block []byte) { a.block(s.title(), block) }))
		a.room(s)
		if s.file.Behind() || a.calm.flooding() {
			a.later.Reset(lookEvery)
		}
	}
	if n := a.judging.sampled(); n > a.sampled && time.Since(a.told) > roomEvery {
		a.sampled, a.told = n, time.Now()
		a.sink.Noted(a.spec.Agent, a.judging.note())
	}
}

// room tells, now and then, what of the output could not be kept.
func (a *Agent) room(s *source) {
	if passed := s.file.Passed(); passed != s.passed && time.Since(s.passedTold) > roomEvery {
		s.passed, s.passedTold = passed, time.Now()
		a.sink.Noted(a.spec.Agent, fmt.Sprintf("output_passed_over: %s: %d bytes came too fast to be read, and are kept unread", s.name, passed))
	}
	if cut := s.file.Cut(); cut != s.cut && time.Since(s.cutTold) > roomEvery {
		a.sink.Noted(a.spec.Agent, fmt.Sprintf("output_cut: %s: %s longer than %d KiB, looked at only so far", s.name, lines(cut-s.cut), follow.MaxLine>>10))
		s.cut, s.cutTold = cut, time.Now()
	}
	dropped, fault := s.file.Dropped()
	if dropped == s.dropped && fault == s.fault || time.Since(s.told) < roomEvery {
		return
	}
	if dropped != s.dropped {
		a.sink.Noted(a.spec.Agent, fmt.Sprintf("output_dropped: %s: %d bytes of old output went before they could be filed away, %d in all", s.name, dropped-s.dropped, dropped))
	}
	if fault != s.fault && fault != "" {
		a.sink.Noted(a.spec.Agent, fmt.Sprintf("output_unbounded: %s: %s", s.name, fault))
	}
	s.dropped, s.fault, s.told = dropped, fault, time.Now()
}

// sight tells once that a text cannot be read, and once that it can again. What is
// written there meanwhile is not seen; everything else is.
func (a *Agent) sight(s *source, err error) {
	blind, state := "", heal.Cleared
	if err != nil {
		blind, state = err.Error(), heal.StateUnknown
	}
	if blind == s.blind {
		return
	}
	s.blind = blind
	a.sink.Signal(heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: s.name, State: state, Witness: heal.WitnessText, Text: blind})
}

func (a *Agent) block(detector string, block []byte) {
	a.flood(len(block))
	a.printed = time.Now()
	a.last.add(block, a.printed)
	inbox.Within(block, a.token(), func(r inbox.Report, err error) {
		if err != nil && !a.telling[others].take(time.Now()) {
			return
		}
		if err != nil {
			a.sink.Noted(a.spec.Agent, "report_refused: "+err.Error())
			return
		}
		a.selfReported(r)
	})
	a.classifier.Warm() // compiling the rules is no judging of lines: it is not paid for from their share
	a.judging.begin(block, time.Now())
	a.walk(block)
	a.judging.turn(others, time.Now())
	a.classifier.Block(block, &a.scratch, a.judging.may, func(line []byte, m heal.Match) { a.line(detector, line, m) })
	a.judging.spend(time.Now())
	looked := a.unresolved.Open()
	a.unresolved.Printed(block, a.doubt, a.printed)
	if !looked && a.unresolved.Open() {
		a.doubts.Reset(doubtEvery)
	}
}

// line tells of one that speaks of a failure.
func (a *Agent) line(detector string, line []byte, m heal.Match) {
	template := ""
	if !m.Operator {
		template = templateOf(line)
		a.unresolved.Flag(m, template, line, string(line[:min(len(line), textWidth)]))
	}
	if !a.telling[shareOf(m.Operator)].take(time.Now()) {
		return
	}
	s := heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: detector, State: heal.Raised, Witness: heal.WitnessText,
		Match: &m, Text: redact.Kept(line, textWidth),
	}
	if template != "" {
		s.Templates = []string{template}
	}
	_, s.Output = a.textEvidence(nil) // the lines themselves would fill the journal
	a.sink.Signal(s)
}

// templateOf is the masked form of a line, as votes carry it.
func templateOf(line []byte) string {
	return redact.Text(classify.Template(redact.Printable(bytes.TrimSpace(line), match.MaxLine)))
}

// textEvidence is the end of the output and what it says.
func (a *Agent) textEvidence(exit *heal.Exit) ([]string, *heal.TextEvidence) {
	all, now := a.last.printable(redact.Printable), time.Now()
	kept := classify.Condensed(all, classify.EvidenceLines)
	lines, ages := pick(all, kept), pick(a.last.ages(now), kept)
	t := a.classifier.Read(lines, exit, time.Now())
	redact.Lines(lines)
	t.Template = redact.Text(t.Template)
	for i := range t.Votes {
		v := &t.Votes[i]
		v.Why, v.Template = redact.Text(v.Why), redact.Text(v.Template)
		if n := len(ages) - 1 - v.Later; n >= 0 {
			v.Age = ages[n]
		}
	}
	for i := range t.Leanings {
		v := &t.Leanings[i]
		v.Why = redact.Text(v.Why)
		if n := len(ages) - 1; n >= 0 {
			v.Age = ages[n]
		}
	}
	if exit != nil {
		a.holder(&t)
	}
	if !a.proved.IsZero() {
		t.Proved = max(now.Sub(a.proved), 1)
	}
	for i := range t.Turns {
		t.Turns[i].Why = redact.Text(t.Turns[i].Why)
	}
	return lines, &t
}

// pick are the elements at some places.
func pick[T any](all []T, places []int) []T {
	out := make([]T, len(places))
	for i, p := range places {
		out[i] = all[p]
	}
	return out
}

// bucket bounds how often something is told: a burst, and then once in every refill.
type bucket struct {
	used   int
	filled time.Time
}

func (b *bucket) take(now time.Time) bool {
	if n := int(now.Sub(b.filled) / refill); n > 0 {
		b.used, b.filled = max(b.used-n, 0), now
	}
	if b.used == burst {
		return false
	}
	b.used++
	return true
}

// lines counts lines in words.
func lines(n int) string {
	if n == 1 {
		return "1 line is"
	}
	return fmt.Sprintf("%d lines are", n)
}
