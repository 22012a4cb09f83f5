package classify

import (
	"bytes"

	"healer-sidecar/internal/match"
)

// insideQuotes reports whether the place lies in a quotation, as in: title "disk
// full". The value of a field (msg="disk full", "msg":"disk full") is none.
func insideQuotes(lower []byte, at int) bool {
	open := -1
	for i := range at {
		if lower[i] != '"' {
			continue
		}
		if open >= 0 {
			open = -1
		} else {
			open = i
		}
	}
	if open < 0 {
		return false
	}
	before := bytes.TrimRight(lower[:open], " ")
	return !bytes.HasSuffix(before, []byte("=")) && !bytes.HasSuffix(before, []byte(`":`)) &&
		!bytes.HasSuffix(before, []byte("{")) && !bytes.HasSuffix(before, []byte("error:"))
}

// isQuotation reports whether a match is all that stands in single quotes, as in: search for
// 'connection lost'. What an error or a field holds is none.
func isQuotation(lower []byte, from, to int) bool {
	if from < 2 || to >= len(lower) || lower[from-1] != '\'' || lower[to] != '\'' {
		return false
	}
	before := bytes.TrimRight(lower[:from-1], " ")
	return len(before) == 0 || bytes.IndexByte([]byte("=:("), before[len(before)-1]) < 0
}

// insideName reports whether a match begins within a path, or ends within a name that says
// more than it: a URL, or a word of three parts such as purge-failed-uploads or
// docs/errors/timeout. What is named after a failure is none.
func insideName(lower []byte, from, to int) bool {
	if head := lower[bytes.LastIndexAny(lower[:from], nameEnds)+1 : from]; bytes.Count(head, []byte("/")) >= 2 {
		return true // it begins within a path
	}
	begin, end := bytes.LastIndexAny(lower[:to], nameEnds)+1, len(lower)
	if begin == to {
		return false
	}
	if n := bytes.IndexAny(lower[to:], nameEnds); n >= 0 {
		end = to + n
	}
	end = begin + len(bytes.TrimRight(lower[begin:end], ".:!?"))
	if begin >= from && end <= to {
		return false // it is the name
	}
	name := lower[begin:end]
	return bytes.Contains(name, []byte("://")) || parts(name) >= 3
}

// nameEnds are what names stand between.
const nameEnds = " \t\"'`()[]{},;=<>|"

// parts counts what hyphens and slashes join.
func parts(name []byte) int {
	n := 1
	for i := 1; i+1 < len(name); i++ {
		if (name[i] == '-' || name[i] == '/') && match.WordByte(name[i-1]) && match.WordByte(name[i+1]) {
			n++
		}
	}
	return n
}

// quotedArgument begins the value of an option in a command: -m 'text', --message="text".
var quotedArgument = match.Lazy(`(?:^|\s)--?[a-z][\w-]*[ =](['"])`)

// insideArgument reports whether a place lies in an option of a command, or in the text that is
// given to one: a command that is shown has not failed with what it is about.
func insideArgument(lower []byte, at int) bool {
	word := lower[bytes.LastIndexAny(lower[:at], nameEnds)+1 : at]
	if bytes.HasPrefix(word, []byte("--")) {
		return true
	}
	if bytes.IndexByte(lower[:at], '-') < 0 {
		return false
	}
	for _, m := range quotedArgument().FindAllSubmatchIndex(lower[:at], -1) {
		if bytes.IndexByte(lower[m[3]:at], lower[m[2]]) < 0 {
			return true
		}
	}
	return false
}
