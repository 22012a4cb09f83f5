package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// program is a command that does the same every time, and what it reads.
type program struct {
	name string
	argv []string
	// piped is written to its input by a pipe, filed lies in a file; neither: the null device.
	piped, filed string
}

// input is what the program reads; nil for nothing.
func (p program) input(dir string) (*os.File, error) {
	switch {
	case p.piped != "":
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		go func() {
			_, _ = w.WriteString(p.piped) // a program may not read all of it
			w.Close()
		}()
		return r, nil
	case p.filed != "":
		path := dir + "/in"
		if err := os.WriteFile(path, []byte(p.filed), 0o600); err != nil {
			return nil, err
		}
		return os.Open(path)
	}
	return nil, nil
}

func sh(name, script string) program { return program{name: name, argv: []string{"sh", "-c", script}} }

const (
	printing = "import sys\nfor i in range(200000): print(i, 'text')\nsys.stderr.write('done\\n')"
	hashing  = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
)

// text is input of some size.
func text(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%d %d line of text, some longer, some not %s\n", i, i*i*7919%104729, strings.Repeat("x", i%50))
	}
	return b.String()
}

// programs write up to size bytes. None of them fails in a way that would be healed: that would be
// run again, which is what the sidecar is for.
func programs(size int64) []program {
	n := strconv.FormatInt(size, 10)
	lines := strconv.FormatInt(size/8, 10)
	in := text(20_000)
	return []program{
		{name: "true", argv: []string{"true"}},
		{name: "echo", argv: []string{"echo", "hello"}},
		{name: "printf without end", argv: []string{"printf", "no newline"}},
		{name: "seq", argv: []string{"seq", "1", lines}},
		{name: "seq -w", argv: []string{"seq", "-w", "1", "5000"}},
		{name: "zeros", argv: []string{"head", "-c", n, "/dev/zero"}},
		{name: "yes | head", argv: []string{"sh", "-c", "yes | head -c " + n}},
		sh("all bytes", `i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i+1)); done`),
		sh("both streams", "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"),
		sh("stderr into stdout", "exec 2>&1; for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"),
		sh("stderr only", "seq 1 20000 >&2"),
		sh("/dev/stdout", "echo a; echo b >/dev/fd/1; echo c"),
		sh("long line", "head -c 3000000 /dev/zero | tr '\\0' x; echo"),
		sh("children", "(echo one); (echo two); echo three | cat; wait"),
		sh("slow writer", "for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done"),
		sh("much after a pause", "sleep 0.6; seq 1 200000; sleep 0.1; seq 1 200000"),
		sh("is it a terminal", "test -t 1 && echo yes || echo no"),
		sh("size of the terminal", "stty size 2>/dev/null </dev/tty && stty -a </dev/tty | head -1; true"),
		sh("directory and umask", "umask; basename $0"),
		{name: "cat of a pipe", argv: []string{"cat"}, piped: in},
		{name: "cat of a file", argv: []string{"cat"}, filed: in},
		{name: "md5sum of a pipe", argv: []string{"md5sum"}, piped: in},
		{name: "sort", argv: []string{"sort"}, piped: in},
		{name: "grep", argv: []string{"grep", "77"}, piped: in},
		{name: "sed", argv: []string{"sed", "s/line/row/g"}, filed: in},
		{name: "awk", argv: []string{"awk", "{ s += $1 } END { print s }"}, piped: in},
		{name: "head of a pipe", argv: []string{"head", "-n", "3"}, piped: in},
		{name: "tail", argv: []string{"tail", "-n", "5"}, filed: in},
		{name: "gzip", argv: []string{"gzip", "-nc"}, piped: in},
		{name: "dd", argv: []string{"dd", "bs=1000", "status=none"}, piped: in},
		{name: "od", argv: []string{"od", "-An", "-c"}, filed: in[:3000]},
		{name: "python3", argv: []string{"python3", "-c", printing}},
		{name: "python3 reads", argv: []string{"python3", "-c", hashing}, piped: in},
		{name: "perl", argv: []string{"perl", "-e", "$| = 1; print \"$_\\n\" for 1..20000; print STDERR \"done\\n\""}},
		{name: "git", argv: []string{"git", "--version"}},
	}
}
