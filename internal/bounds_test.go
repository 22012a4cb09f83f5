package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The bounds of the code, without exceptions: lines of a file, lines of a
// function, depth of nested control flow.
const (
	maxFile     = 400
	maxFunction = 60
	maxNesting  = 3
)

func TestBounds(t *testing.T) {
	for _, root := range []string{".", "../cmd", "../examples", "../bench", "../testlab", "../faults", "../fleetlab", "../docs"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return nil
			}
			checkFile(t, path)
			return nil
		})
		if err != nil {
			t.Fatalf("cannot walk %s: %v", root, err)
		}
	}
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatalf("cannot parse %s: %v", path, err)
	}
	if n := set.Position(file.FileEnd).Line; n > maxFile {
		t.Errorf("%s has %d lines: at most %d", path, n, maxFile)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		fn, ok := n.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			return true
		}
		first, last := set.Position(fn.Pos()).Line, set.Position(fn.End()).Line
		if last-first+1 > maxFunction {
			t.Errorf("%s:%d: %s has %d lines: at most %d", path, first, fn.Name.Name, last-first+1, maxFunction)
		}
		if depth := nesting(fn.Body, 0); depth > maxNesting {
			t.Errorf("%s:%d: %s nests %d deep: at most %d", path, first, fn.Name.Name, depth, maxNesting)
		}
		return true
	})
}

// nesting returns the greatest depth of control flow below n. An else-if chain
// counts once and a function literal starts again at its own depth.
func nesting(n ast.Node, depth int) int {
	deepest := depth
	ast.Inspect(n, func(child ast.Node) bool {
		if child == nil || child == n {
			return true
		}
		switch c := child.(type) {
		case *ast.FuncLit:
			deepest = max(deepest, nesting(c.Body, 0))
			return false
		case *ast.IfStmt:
			deepest = max(deepest, nestingOfIf(c, depth+1))
			return false
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			deepest = max(deepest, nesting(c, depth+1))
			return false
		}
		return true
	})
	return deepest
}

func nestingOfIf(c *ast.IfStmt, depth int) int {
	deepest := nesting(c.Body, depth)
	switch other := c.Else.(type) {
	case *ast.IfStmt:
		return max(deepest, nestingOfIf(other, depth))
	case *ast.BlockStmt:
		return max(deepest, nesting(other, depth))
	}
	return deepest
}
