// Package bodies puts bodies of a policy together before they are read: what holds for all
// agents under what one of them says, and variables into what is written once for several.
package bodies

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Merge is own with what only base says. An attribute of own replaces that of base; two maps
// become one, in which the keys of own win. Blocks of one type with the same labels are merged
// in the same way; the others of base are added.
func Merge(own, base *hclsyntax.Body) *hclsyntax.Body {
	merged := *own
	merged.Attributes = maps.Clone(base.Attributes)
	if merged.Attributes == nil {
		merged.Attributes = hclsyntax.Attributes{}
	}
	for name, a := range own.Attributes {
		merged.Attributes[name] = over(a, base.Attributes[name])
	}
	merged.Blocks = nil
	used := map[string]bool{}
	for _, b := range own.Blocks {
		if below := find(base.Blocks, key(b)); below != nil && !used[key(b)] {
			used[key(b)] = true
			b = with(b, Merge(b.Body, below.Body))
		}
		merged.Blocks = append(merged.Blocks, b)
	}
	for _, b := range base.Blocks {
		if find(own.Blocks, key(b)) == nil {
			merged.Blocks = append(merged.Blocks, b)
		}
	}
	return &merged
}

// over is an attribute, with the keys of the one below it where both are written as maps.
func over(a, below *hclsyntax.Attribute) *hclsyntax.Attribute {
	if below == nil {
		return a
	}
	own, isMap := a.Expr.(*hclsyntax.ObjectConsExpr)
	base, both := below.Expr.(*hclsyntax.ObjectConsExpr)
	if !isMap || !both {
		return a
	}
	merged, expr := *a, *own
	expr.Items = slices.Concat(base.Items, own.Items) // the last of two equal keys counts
	merged.Expr = &expr
	return &merged
}

func find(blocks hclsyntax.Blocks, wanted string) *hclsyntax.Block {
	i := slices.IndexFunc(blocks, func(b *hclsyntax.Block) bool { return key(b) == wanted })
	if i < 0 {
		return nil
	}
	return blocks[i]
}

// key is the type and the labels of a block. A detect block without a label has its kind for one.
func key(b *hclsyntax.Block) string {
	labels := b.Labels
	if len(labels) == 1 {
		labels = []string{labels[0], labels[0]}
	}
	return b.Type + "\x00" + strings.Join(labels, "\x00")
}

func with(b *hclsyntax.Block, body *hclsyntax.Body) *hclsyntax.Block {
	other := *b
	other.Body = body
	return &other
}

// Bind is a body in which the expressions know variables. Only those that use one are changed.
func Bind(body *hclsyntax.Body, variables map[string]cty.Value) *hclsyntax.Body {
	ctx := &hcl.EvalContext{Variables: variables}
	bound := *body
	bound.Attributes = make(hclsyntax.Attributes, len(body.Attributes))
	for name, a := range body.Attributes {
		if len(a.Expr.Variables()) > 0 {
			other := *a
			other.Expr = expression{a.Expr, ctx}
			a = &other
		}
		bound.Attributes[name] = a
	}
	bound.Blocks = make(hclsyntax.Blocks, len(body.Blocks))
	for i, b := range body.Blocks {
		bound.Blocks[i] = with(b, Bind(b.Body, variables))
	}
	return &bound
}

// expression has its variables with it.
type expression struct {
	hclsyntax.Expression
	ctx *hcl.EvalContext
}

func (e expression) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return e.Expression.Value(e.ctx)
}

// UnwrapExpression lets hcl see what kind of expression it is.
func (e expression) UnwrapExpression() hcl.Expression { return e.Expression }

// Without is a body that lacks an attribute.
func Without(body *hclsyntax.Body, name string) *hclsyntax.Body {
	other := *body
	other.Attributes = maps.Clone(body.Attributes)
	delete(other.Attributes, name)
	return &other
}
