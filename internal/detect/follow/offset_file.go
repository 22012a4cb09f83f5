package follow

import (
	"encoding/binary"
	"os"
)

// placeSuffix names the file that holds how far an output file was read.
const placeSuffix = ".pos"

// offsetFile remembers an offset beyond our own death. Losing it costs nothing but
// reading lines twice, so it is never synced.
type offsetFile struct {
	path string
	file *os.File
	kept int64
}

// keep reports whether the offset has changed.
func (p *offsetFile) keep(offset int64) bool {
	if p == nil || offset == p.kept {
		return false
	}
	if p.file == nil {
		f, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return true
		}
		p.file = f
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(offset))
	if _, err := p.file.WriteAt(b[:], 0); err == nil {
		p.kept = offset
	}
	return true
}

// last is the offset that was kept; 0 without one.
func (p *offsetFile) last() int64 {
	if p == nil {
		return 0
	}
	b, err := os.ReadFile(p.path)
	if err != nil || len(b) != 8 {
		return 0
	}
	return max(int64(binary.LittleEndian.Uint64(b)), 0)
}

func (p *offsetFile) close() {
	if p != nil && p.file != nil {
		p.file.Close()
		p.file = nil
	}
}
