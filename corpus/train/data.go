package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/linear"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/heal"
)

// wordings is the corpus of hand-written messages: always learned from, never scored on.
const wordings = "wordings"

// learned are the corpora that are learned from. All but wordings are of real programs.
var learned = []string{"first", "second", "own", wordings}

const (
	// window is how many lines of a healthy stream make one example.
	window = 8
	// weightWrapped is how much a message inside a crash report of our making counts, weightLine
	// a single line of a healthy stream, weightDead the message of a dead run among those of the
	// living.
	weightWrapped, weightLine, weightDead = 0.5, 0.8, 0.2
)

// sample is one record of a corpus, or a piece of a healthy stream.
type sample struct {
	record corpus.Record
	from   string
	// group is the program: what is held out together.
	group string
	// withEnd are the features with how it ended, asLiving those without.
	withEnd, asLiving []uint16
	// weight is how much it counts for the types, living among harmless output and failures; zero: not.
	weight, living float64
}

func (s *sample) failing() bool { return s.record.Expect != heal.Benign }

// loader gathers samples.
type loader struct {
	buffer linear.Buffer
	all    []*sample
}

// load reads the corpora and the healthy streams below a folder.
func load(dir string) ([]*sample, error) {
	var l loader
	for _, name := range learned {
		if err := l.corpus(dir, name); err != nil {
			return nil, err
		}
	}
	streams, err := corpus.Streams(filepath.Join(dir, "streams"))
	if err != nil {
		return nil, err
	}
	for _, s := range streams {
		l.stream(s)
	}
	return l.all, nil
}

func (l *loader) corpus(dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name+".jsonl"))
	if err != nil {
		return fmt.Errorf("cannot read a corpus: %w", err)
	}
	defer f.Close()
	err = corpus.Read(f, func(r corpus.Record) error {
		l.add(&sample{record: r, from: name, group: groupOf(r.Source, name), weight: 1, living: 1})
		if name == wordings {
			l.wrap(r)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot read corpus %s: %w", name, err)
	}
	return nil
}

// add takes the features of a sample. What ended well is harmless, whoever prints it.
func (l *loader) add(s *sample) {
	lines := classify.Spoken(classify.Condense(s.record.Lines, classify.EvidenceLines))
	s.asLiving = slices.Clone(l.buffer.Features(lines, nil))
	if s.failing() {
		s.withEnd = slices.Clone(l.buffer.Features(lines, s.record.Exit()))
	}
	if s.record.Exit() != nil && s.failing() {
		s.living = 0 // a crash report is no example of how those talk who go on
		if s.from == wordings {
			s.living = weightDead
		}
	}
	l.all = append(l.all, s)
}

// reports are how runtimes report what ended a program. They say how it was told, not what happened:
// without these examples the model takes each of them for a crash of the code.
var reports = []string{
	"Exception in thread \"main\" java.lang.RuntimeException: %s\n\tat Main.main(Main.java:1)",
	"Exception in thread \"main\" java.lang.IllegalStateException: %s\n\tat com.acme.App.run(App.java:10)\n\tat com.acme.App.main(App.java:1)",
	"thread 'main' panicked at src/main.rs:10:5:\n%s\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
	"thread 'main' (2881) panicked at src/main.rs:10:5:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 1, kind: Other, message: \"%s\" }",
	"panic: %s\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:10 +0x1d\nexit status 2",
	"Traceback (most recent call last):\n  File \"/srv/app/main.py\", line 10, in <module>\n    main()\nRuntimeError: %s",
	"Traceback (most recent call last):\n  File \"/srv/app/main.py\", line 10, in <module>\n    main()\nException: %s",
	"/srv/app/main.js:10\n  throw new Error(x)\n  ^\n\nError: %s\n    at Object.<anonymous> (/srv/app/main.js:10:3)\n\nNode.js v20.20.2",
	"/srv/app/main.rb:10:in `run': %s (RuntimeError)\n\tfrom /srv/app/main.rb:12:in `<main>'",
	"PHP Fatal error:  Uncaught Exception: %s in /srv/app/main.php:10\nStack trace:\n#0 {main}\n  thrown in /srv/app/main.php on line 10",
	"** (RuntimeError) %s\n    (elixir 1.14.0) lib/code.ex:1245: Code.require_file/2",
	"terminate called after throwing an instance of 'std::runtime_error'\n  what():  %s\nAborted (core dumped)",
	"%s at /srv/app/main.pl line 10.",
	"escript: exception error: %s\n  in function  escript:run/2 (escript.erl, line 750)\n  in call from init:do_boot/3 ",
	"Unhandled exception. System.InvalidOperationException: %s\n   at Program.Main(String[] args) in /srv/app/Program.cs:line 10",
	"fatal: %s\nmake: *** [Makefile:10: run] Error 1",
}

// heads are what logs without a level put before a message of a living program.
var heads = []string{
	"Jan 12 03:04:05 db1 worker[77]: %s", "<30>1 2025-01-12T03:04:05Z db1 worker 77 - - %s", "2025-01-12T03:04:05.123456789Z stderr F %s",
	"worker[77]: %s", "app-1  | %s", "2025/01/12 03:04:05 %s",
}

// wrap adds a message once more, inside one of the reports, or that of a living program behind one of
// the heads.
func (l *loader) wrap(r corpus.Record) {
	if len(r.Lines) != 1 {
		return
	}
	if r.Exit() == nil {
		r.Lines = []string{strings.ReplaceAll(heads[len(l.all)/2%len(heads)], "%s", r.Lines[0])}
		l.add(&sample{record: r, from: wordings, living: weightWrapped})
		return
	}
	if r.Expect == heal.Benign || r.Expect == heal.Unknown {
		return
	}
	report := reports[len(l.all)/2%len(reports)]
	r.Lines = strings.Split(strings.ReplaceAll(report, "%s", r.Lines[0]), "\n")
	l.add(&sample{record: r, from: wordings, weight: weightWrapped})
	l.all[len(l.all)-1].living = 0
}

// stream adds the windows of a healthy stream, and its lines.
func (l *loader) stream(s corpus.Stream) {
	piece := func(lines []string, weight float64) {
		l.add(&sample{record: corpus.Record{Lines: lines, Expect: heal.Benign}, from: "streams", group: s.Program(), living: weight})
	}
	for lines := range slices.Chunk(s.Lines, window) {
		piece(lines, 1)
	}
	for _, line := range s.Lines {
		piece([]string{line}, weightLine)
	}
}

// kindOfSource stands before the name of a program in a record's source.
var kindOfSource = regexp.MustCompile(`^(?:run|rendered after|rendered|authored|loghub):? `)

// groupOf is the program that a record is of.
func groupOf(source, name string) string {
	s := kindOfSource.ReplaceAllString(strings.ToLower(source), "")
	runtime, of, found := strings.Cut(s, ": ")
	if name == "own" && found {
		if !strings.HasPrefix(runtime, "tools_") && runtime != "servers" && runtime != "shell_git" {
			return runtime
		}
		s = of
	}
	word, _, _ := strings.Cut(s, " ")
	return strings.Trim(word, "':,()")
}

// folds is into how many parts the programs are divided for cross-validation.
const folds = 6

// foldOf is the part that a program belongs to.
func foldOf(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	return int(h.Sum32()>>3) % folds
}
