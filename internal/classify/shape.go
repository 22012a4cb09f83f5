package classify

import (
	"bytes"
	"slices"

	"healer-sidecar/internal/match"
)

// What a program prints for other programs, or shows of them, is told by its shape: a message of a
// protocol, a progress bar, a request in an access log, a line of source code. Built-in rules are
// about what programs report, and do not judge the rest, of the dead and the living alike.
var (
	// protocolHead begins messages of JSON-RPC (MCP, LSP) and of event streams.
	protocolHead = match.Lazy(`^\s*(?:\{[^{}\[\]]{0,200}"jsonrpc"\s*:\s*"|content-length: \d+\s*$|(?:event|id|retry|data): ?(?:\{|\[|\w+$))`)
	// progressBar is a share in percent beside a bar, or a rate of things done.
	progressBar = match.Lazy(`\d{1,3}\s?%\s?(?:\||\[|[█▉▊▋▌▍▎▏#=>━-]{2})|[█▉▊▋▌▍▎▏━]{3}|\[[#=>. -]{8,}\]\s*\d{1,3}\s?%`)
	// request is what an access log quotes of who asked.
	request = match.Lazy(`"?\b(?:get|post|put|delete|head|patch|options|connect|trace) \S{1,900}(?: http/\d(?:\.\d)?"?)`)
	// sourceCode is a line of code, of a diff or of a listing with line numbers.
	sourceCode = match.Lazy(`^\s*(?:\d{1,5}[:|]?\s+)?[+-]?\s*(?:(?:if|elif|while|for|switch|case|return|raise|throw|except|catch|def|func|fn|class|import|from|const|let|var|assert|await|yield|with|public|private|static)\b[^.!?]*[:;{}()=]\s*(?:#.*|//.*)?$|(?:@@ -\d+|diff --git|index [0-9a-f]{7,}\.\.|--- a/|\+\+\+ b/))` +
		`|^[+-]\s{2,}\S.*[:;{}()=,"'\]]\s*(?:#.*|//.*)?$|^\s*[+-]?\s*(?:if|elif|while|for) .{1,80}:\s+#`)
)

// shape is what kind of text a line is, as far as that decides whether it is judged.
type shape struct {
	known bool
	// apart says that no built-in rule judges it.
	apart bool
	// requested are the places that were asked by somebody else.
	requested [][]int
}

// of reads the shape of a line in lower case once.
func (f *shape) of(lower []byte) {
	if f.known {
		return
	}
	f.known = true
	f.apart = protocolHead().Match(lower) || bytes.IndexByte(lower, '%') >= 0 && progressBar().Match(lower) || sourceCode().Match(lower)
	if bytes.Contains(lower, []byte(" http/")) {
		f.requested = request().FindAllIndex(lower, -1)
	}
}

// quotes reports that what a rule found is no report of the program.
func (f *shape) quotes(from, to int) bool {
	return f.apart || slices.ContainsFunc(f.requested, func(p []int) bool { return p[0] <= from && to <= p[1] })
}
