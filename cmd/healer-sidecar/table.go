package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"healer-sidecar/internal/host/kernel"
)

// columns is the width of the terminal that is written to; 0 where there is none.
func (s streams) columns() int {
	f, ok := s.out.(*os.File)
	if !ok {
		return 0
	}
	return kernel.Columns(f)
}

// table aligns columns. On a terminal each line is cut to its width, so that nothing wraps; a pipe
// gets everything.
type table struct {
	std   streams
	head  []string
	rows  [][]string
	tones []colour
}

func (t *table) add(tone colour, cells ...string) {
	t.rows, t.tones = append(t.rows, cells), append(t.tones, tone)
}

func (t *table) print() error {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if _, err := fmt.Fprintln(t.std.out, t.line(t.head, widths)); err != nil {
		return err
	}
	for i, row := range t.rows {
		if _, err := fmt.Fprintln(t.std.out, t.std.paint(t.line(row, widths), t.tones[i])); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) line(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		b.WriteString(cell)
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
	}
	line := strings.TrimRight(b.String(), " ")
	if most := t.std.columns(); most > 1 && utf8.RuneCountInString(line) > most {
		line = string([]rune(line)[:most-1]) + "…"
	}
	return line
}
