package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// Load reads one file, or all *.hcl files of a directory as one policy.
func Load(path string) (*Policy, error) {
	names, err := files(path)
	if err != nil {
		return nil, err
	}
	parser := hclparse.NewParser()
	bounds := newBounds()
	var bodies []*hcl.File
	var diags hcl.Diagnostics
	for _, name := range names {
		src, err := read(name)
		if err != nil {
			return nil, err
		}
		if found := bounds.guard(src, name); found.HasErrors() {
			diags = append(diags, found...)
			continue
		}
		file, found := parser.ParseHCL(src, name)
		diags = append(diags, found[:min(len(found), maxProblems)]...)
		bodies = append(bodies, file)
	}
	if diags.HasErrors() {
		return nil, asError(diags)
	}
	policy, diags := decode(hcl.MergeFiles(bodies))
	if diags.HasErrors() {
		return nil, asError(diags)
	}
	// A directory is where agents are put one day; a file without any is a mistake.
	if single := len(names) == 1 && names[0] == path; len(policy.Agents) == 0 && single {
		return nil, asError(hcl.Diagnostics{Problem(hcl.Range{Filename: names[0], Start: hcl.InitialPos},
			"no agent is defined", `add a block: agent "name" { command = ["program", "argument"] }`)})
	}
	return policy, nil
}

func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read policy: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read policy: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".hcl") && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, fmt.Errorf("cannot read policy: the directory %s holds no *.hcl file", path)
	}
	return names, nil
}

// read takes at most one byte more than a policy may have; guard refuses it then.
func read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read policy: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() && info.IsDir() {
		return nil, fmt.Errorf("cannot read policy: %s is a directory", name)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read policy: %w", err)
	}
	return src, nil
}
