package config

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

const (
	// maxFile and maxDepth are checked before parsing: the parser is recursive and
	// dies of deep nesting (FAULTS, hardening of the policy).
	maxFile  = 1 << 20
	maxDepth = 64
)

// Format lays a policy out; what it says stays the same.
func Format(src []byte, name string) ([]byte, error) {
	if err := asError(guard(src, name)); err != nil {
		return nil, err
	}
	return hclwrite.Format(src), nil
}

// guard looks at the flat list of tokens. It refuses what would make the parser
// or the evaluation costly: deep nesting, for expressions, template directives.
func guard(src []byte, name string) hcl.Diagnostics {
	if len(src) > maxFile {
		start := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
		return hcl.Diagnostics{Problem(start, fmt.Sprintf("policy_too_large: the file has more than %d bytes", maxFile), "split it into several files of one directory")}
	}
	if at := hopeless(src, 2*maxDepth); at >= 0 {
		line := bytes.Count(src[:at], []byte("\n")) + 1
		pos := hcl.Pos{Line: line, Column: at - bytes.LastIndexByte(src[:at], '\n'), Byte: at}
		return hcl.Diagnostics{tooDeep(hcl.Range{Filename: name, Start: pos, End: pos})}
	}
	tokens, diags := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	depth := 0
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			depth = max(depth-1, 0)
		case hclsyntax.TokenTemplateControl:
			return hcl.Diagnostics{Problem(t.Range, "policy_too_costly: template directives are not allowed", "write the value out")}
		}
		if depth > maxDepth {
			return hcl.Diagnostics{tooDeep(t.Range)}
		}
		if opensFor(tokens, i) {
			return hcl.Diagnostics{Problem(t.Range, "policy_too_costly: for expressions are not allowed", "write the list out")}
		}
	}
	return nil
}

func tooDeep(at hcl.Range) *hcl.Diagnostic {
	return Problem(at, fmt.Sprintf("policy_too_deep: nested deeper than %d levels", maxDepth), "close a bracket, or flatten the policy")
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
