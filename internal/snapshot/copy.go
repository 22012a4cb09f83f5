package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"

	"healer-sidecar/internal/host/fsys"
)

// ErrTooLarge says that there is more than the policy allows to keep.
var ErrTooLarge = errors.New("more than max_size or max_files")

// errChanging says that a file was written to while it was copied.
var errChanging = errors.New("it is being written to")

// maxDepth bounds how deep folders lie in one another.
const maxDepth = 64

// bounds are what is left of the caps.
type bounds struct {
	bytes int64
	files int
}

// copier copies a tree from below one root to below another and takes down what it is.
type copier struct {
	from, to *os.Root
	// owner is who owns the tree: what belongs to others is left out.
	owner   uint32
	left    *bounds
	skip    func(name, why string)
	entries []Entry
}

// walk copies name with everything below it.
func (c *copier) walk(name string, depth int) error {
	info, err := c.from.Lstat(name)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if c.left.files--; c.left.files < 0 { // folders and links take room too
		return ErrTooLarge
	}
	switch {
	case !ok || stat.Uid != c.owner:
		c.skip(name, "it belongs to somebody else")
		return nil
	case depth > maxDepth:
		c.skip(name, "it lies too deep")
		return nil
	case info.IsDir():
		return c.dir(name, info, depth)
	case info.Mode()&fs.ModeSymlink != 0:
		return c.link(name, info)
	case !info.Mode().IsRegular():
		c.skip(name, "it is no file, folder or link")
		return nil
	}
	return c.file(name, info)
}

func (c *copier) dir(name string, info fs.FileInfo, depth int) error {
	if name != "." {
		if err := c.to.Mkdir(name, 0o700); err != nil {
			return fmt.Errorf("cannot copy folder: %w", err)
		}
	}
	c.entries = append(c.entries, Entry{Name: name, Mode: fs.ModeDir | info.Mode().Perm()})
	d, err := c.from.Open(name)
	if err != nil {
		return fmt.Errorf("cannot read folder: %w", err)
	}
	names, err := d.Readdirnames(-1)
	d.Close()
	if err != nil {
		return fmt.Errorf("cannot read folder: %w", err)
	}
	slices.Sort(names)
	for _, child := range names {
		if err := c.walk(path.Join(name, child), depth+1); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return c.to.Chmod(name, info.Mode().Perm()|0o700)
}

func (c *copier) link(name string, info fs.FileInfo) error {
	target, err := c.from.Readlink(name)
	if err != nil {
		return fmt.Errorf("cannot read link: %w", err)
	}
	if err := c.to.Symlink(target, name); err != nil {
		return fmt.Errorf("cannot copy link: %w", err)
	}
	c.entries = append(c.entries, Entry{Name: name, Mode: info.Mode().Type(), Link: target})
	return nil
}

// file copies one that is not written to meanwhile.
func (c *copier) file(name string, info fs.FileInfo) error {
	if info.Size() > c.left.bytes {
		return ErrTooLarge
	}
	c.left.bytes -= info.Size()
	in, err := c.from.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("cannot read file: %w", err)
	}
	defer in.Close()
	if now, err := in.Stat(); err != nil || !os.SameFile(now, info) {
		return fmt.Errorf("cannot copy %s: %w", name, errChanging)
	}
	out, err := c.to.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot copy file: %w", err)
	}
	defer out.Close()
	sum, err := c.content(out, in, info)
	if err != nil {
		return err
	}
	if err := out.Chmod(info.Mode().Perm()); err != nil { // setuid and the like stay behind
		return fmt.Errorf("cannot copy file: %w", err)
	}
	c.entries = append(c.entries, Entry{Name: name, Mode: info.Mode().Perm(), Size: info.Size(), Sum: sum})
	return nil
}

// content copies the bytes and sums them up.
func (c *copier) content(out, in *os.File, info fs.FileInfo) (string, error) {
	h := sha256.New()
	var n int64
	var err error
	if fsys.Clone(out, in) == nil {
		n, err = io.Copy(h, io.NewSectionReader(in, 0, info.Size()))
	} else {
		n, err = io.Copy(io.MultiWriter(out, h), io.LimitReader(in, info.Size()))
	}
	if err != nil {
		return "", fmt.Errorf("cannot copy file: %w", err)
	}
	if now, err := in.Stat(); err != nil || n != info.Size() || now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime()) {
		return "", fmt.Errorf("cannot copy %s: %w", info.Name(), errChanging)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
