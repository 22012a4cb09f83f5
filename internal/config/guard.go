package config

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// The bounds of one file, and of all files of a policy together. The parser and the evaluation are
// recursive and end the process when what they read nests too deeply, in brackets or in a chain
// of operators; and what is long takes memory and time that a sidecar must not spend.
const (
	maxFile      = 1 << 20
	maxBytes     = 4 << 20
	maxDepth     = 64
	maxTokens    = 60_000
	maxOperators = 200
	maxNumber    = 40
	maxItems     = 2_000
	maxAgents    = 2_000
)

// bounds are what is left of the bounds of one policy.
type bounds struct{ bytes, tokens, operators int }

func newBounds() *bounds { return &bounds{bytes: maxBytes, tokens: maxTokens, operators: maxOperators} }

// Format lays a policy out; what it says stays the same.
func Format(src []byte, name string) ([]byte, error) {
	if err := asError(newBounds().guard(src, name)); err != nil {
		return nil, err
	}
	return hclwrite.Format(src), nil
}

// guard looks at the flat list of tokens. It refuses what would make the parser
// or the evaluation costly.
func (b *bounds) guard(src []byte, name string) hcl.Diagnostics {
	start := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
	if len(src) > maxFile {
		return hcl.Diagnostics{Problem(start, fmt.Sprintf("policy_too_large: the file has more than %d bytes", maxFile), "split it into several files of one directory")}
	}
	if b.bytes -= len(src); b.bytes < 0 {
		return hcl.Diagnostics{tooLarge(start, fmt.Sprintf("%d bytes", maxBytes))}
	}
	if at, long := hopeless(src, 2*maxDepth, b.tokens); at >= 0 {
		line := bytes.Count(src[:at], []byte("\n")) + 1
		pos := hcl.Pos{Line: line, Column: at - bytes.LastIndexByte(src[:at], '\n'), Byte: at}
		where := hcl.Range{Filename: name, Start: pos, End: pos}
		if long {
			return hcl.Diagnostics{tooLarge(where, fmt.Sprintf("%d words and signs", maxTokens))}
		}
		return hcl.Diagnostics{tooDeep(where)}
	}
	tokens, diags := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return diags[:min(len(diags), maxProblems)]
	}
	b.tokens -= len(tokens)
	depth := 0
	for i, t := range tokens {
		if depth = max(depth+nests[t.Type], 0); depth > maxDepth {
			return hcl.Diagnostics{tooDeep(t.Range)}
		}
		if diag := b.refuse(tokens, i); diag != nil {
			return hcl.Diagnostics{diag}
		}
	}
	return nil
}

// maxProblems is how many of a text's problems are worth being told.
const maxProblems = 100

// nests says how a token changes the depth.
var nests = map[hclsyntax.TokenType]int{
	hclsyntax.TokenOBrace: 1, hclsyntax.TokenOBrack: 1, hclsyntax.TokenOParen: 1, hclsyntax.TokenTemplateInterp: 1,
	hclsyntax.TokenCBrace: -1, hclsyntax.TokenCBrack: -1, hclsyntax.TokenCParen: -1, hclsyntax.TokenTemplateSeqEnd: -1,
}

// refuse says what is wrong with one token; nil for nothing.
func (b *bounds) refuse(tokens hclsyntax.Tokens, i int) *hcl.Diagnostic {
	t := tokens[i]
	switch {
	case t.Type == hclsyntax.TokenTemplateControl:
		return tooCostly(t.Range, "template directives are not allowed", "write the value out")
	case opensFor(tokens, i):
		return tooCostly(t.Range, "for expressions are not allowed", "write the list out")
	case t.Type == hclsyntax.TokenNumberLit && (len(t.Bytes) > maxNumber || farExponent(t.Bytes)):
		return tooCostly(t.Range, "this number is too large", "write it with at most 40 digits")
	case operates(tokens, i):
		if b.operators--; b.operators < 0 {
			return tooCostly(t.Range, fmt.Sprintf("more than %d operators", maxOperators), "write the values out")
		}
	}
	return nil
}

// plain are the tokens of which a policy without expressions consists.
var plain = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenOBrace: true, hclsyntax.TokenCBrace: true, hclsyntax.TokenOBrack: true, hclsyntax.TokenCBrack: true,
	hclsyntax.TokenOQuote: true, hclsyntax.TokenCQuote: true, hclsyntax.TokenOHeredoc: true, hclsyntax.TokenCHeredoc: true,
	hclsyntax.TokenStringLit: true, hclsyntax.TokenQuotedLit: true, hclsyntax.TokenNumberLit: true, hclsyntax.TokenIdent: true,
	hclsyntax.TokenEqual: true, hclsyntax.TokenComma: true, hclsyntax.TokenColon: true, hclsyntax.TokenComment: true,
	hclsyntax.TokenNewline: true, hclsyntax.TokenEOF: true, hclsyntax.TokenCParen: true, hclsyntax.TokenTemplateSeqEnd: true,
}

// ends are the tokens that may end a value: a bracket behind one is an index.
var ends = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenIdent: true, hclsyntax.TokenCQuote: true, hclsyntax.TokenCBrack: true, hclsyntax.TokenCBrace: true,
	hclsyntax.TokenCParen: true, hclsyntax.TokenNumberLit: true,
}

// operates reports that a token makes an expression out of values.
func operates(tokens hclsyntax.Tokens, i int) bool {
	return !plain[tokens[i].Type] || tokens[i].Type == hclsyntax.TokenOBrack && i > 0 && ends[tokens[i-1].Type]
}

// farExponent reports that a number has an exponent of more than two digits: written out it
// would fill the memory.
func farExponent(number []byte) bool {
	i := bytes.IndexAny(number, "eE")
	return i >= 0 && len(bytes.TrimLeft(number[i+1:], "+-0")) > 2
}

func tooDeep(at hcl.Range) *hcl.Diagnostic {
	return Problem(at, fmt.Sprintf("policy_too_deep: nested deeper than %d levels", maxDepth), "close a bracket, or flatten the policy")
}

func tooLarge(at hcl.Range, most string) *hcl.Diagnostic {
	return Problem(at, "policy_too_large: the policy has more than "+most, "run several sidecars with a policy each")
}

func tooCostly(at hcl.Range, what, remedy string) *hcl.Diagnostic {
	return Problem(at, "policy_too_costly: "+what, remedy)
}

// opensFor reports whether token i is the word for right behind a bracket.
func opensFor(tokens hclsyntax.Tokens, i int) bool {
	if tokens[i].Type != hclsyntax.TokenIdent || string(tokens[i].Bytes) != "for" {
		return false
	}
	for i--; i >= 0 && (tokens[i].Type == hclsyntax.TokenNewline || tokens[i].Type == hclsyntax.TokenComment); i-- {
	}
	if i < 0 || i > 0 && tokens[i].Type == hclsyntax.TokenOBrace && tokens[i-1].Type != hclsyntax.TokenEqual {
		return false // for = "10s" as the first attribute of a block
	}
	return tokens[i].Type == hclsyntax.TokenOBrack || tokens[i].Type == hclsyntax.TokenOBrace
}
