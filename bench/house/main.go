// Command house prints how the code is built: packages, types and interfaces that are larger than
// they should be, lines that are too long, and how many lines of tests there are.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// The bounds that are wished for. Those of files, functions and nesting are kept by a test.
const (
	maxPackage   = 2000
	maxMethods   = 40
	maxInterface = 5
	maxLine      = 120
)

// pkg is what is counted of one folder.
type pkg struct {
	code, tests int
	methods     map[string]int
}

// house is all that is counted.
type house struct {
	packages   map[string]*pkg
	interfaces []string
	longLines  int
}

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	h := &house{packages: map[string]*pkg{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		return h.add(path)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "house: cannot read the code:", err)
		os.Exit(1)
	}
	h.print()
}

func (h *house) add(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	p := h.packages[dir]
	if p == nil {
		p = &pkg{methods: map[string]int{}}
		h.packages[dir] = p
	}
	lines := bytes.Count(src, []byte("\n"))
	if strings.HasSuffix(path, "_test.go") {
		p.tests += lines
		return nil
	}
	p.code += lines
	if generated := bytes.Contains(src[:min(len(src), 200)], []byte("DO NOT EDIT")); generated || strings.Contains(dir, "classify/rules") {
		return nil // tables of rules read best with one rule in a line
	}
	for line := range bytes.Lines(src) {
		if len([]rune(string(line))) > maxLine+1 {
			h.longLines++
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool { h.look(p, path, n); return true })
	return nil
}

func (h *house) look(p *pkg, path string, n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv != nil && len(n.Recv.List) == 1 {
			p.methods[receiver(n.Recv.List[0].Type)]++
		}
	case *ast.TypeSpec:
		if i, ok := n.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxInterface {
			h.interfaces = append(h.interfaces, fmt.Sprintf("%s.%s (%d)", filepath.Dir(path), n.Name.Name, i.Methods.NumFields()))
		}
	}
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}

func (h *house) print() {
	var code, tests int
	var large, types []string
	for dir, p := range h.packages {
		code, tests = code+p.code, tests+p.tests
		if p.code > maxPackage {
			large = append(large, fmt.Sprintf("%s (%d)", dir, p.code))
		}
		for name, n := range p.methods {
			if n > maxMethods {
				types = append(types, fmt.Sprintf("%s.%s (%d)", dir, name, n))
			}
		}
	}
	row := func(what string, bound int, found []string) {
		sort.Strings(found)
		fmt.Printf("%-34s %6d   %s\n", fmt.Sprintf("%s over %d", what, bound), len(found), strings.Join(found, ", "))
	}
	row("packages with lines", maxPackage, large)
	row("types with methods", maxMethods, types)
	row("interfaces with methods", maxInterface, h.interfaces)
	fmt.Printf("%-34s %6d\n", fmt.Sprintf("lines of code over %d characters", maxLine), h.longLines)
	fmt.Printf("%-34s %6.2f   %d of tests, %d of code\n", "lines of tests for one of code", float64(tests)/float64(code), tests, code)
}
