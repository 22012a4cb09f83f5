package linear

import (
	"cmp"
	_ "embed"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"healer-sidecar/internal/heal"
)

const (
	// Types is how many error types have a column, in heal.ErrorTypes's order.
	Types = 10
	// Failing is the column that tells failures from harmless output.
	Failing = Types
	// Columns is how many columns the table has.
	Columns = Types + 1
	// headSize is that of the scales before the table.
	headSize = 4 * Columns
	// sharpness turns margins into shares; it was chosen by grouped cross-validation.
	sharpness = 3
)

//go:embed weights.bin
var weights string

// Model is a table of weights: a row for each bucket, a column for each type and one for Failing.
type Model struct {
	rows  string
	scale [Columns]float64
}

// Default is the model that this program was built with.
var Default = must(Decode(weights))

func must(m *Model, err error) *Model {
	if err != nil {
		panic(err) // a program that was built with another file: a test sees it
	}
	return m
}

// Decode reads a table as Encode writes it.
func Decode(table string) (*Model, error) {
	if len(table) != headSize+Buckets*Columns {
		return nil, fmt.Errorf("cannot use weights: %d bytes, not %d", len(table), headSize+Buckets*Columns)
	}
	m := &Model{rows: table[headSize:]}
	for k := range m.scale {
		m.scale[k] = float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(table[4*k : 4*k+4]))))
	}
	return m, nil
}

// Encode writes the weights of each column as bytes, with the scale of each column before them.
func Encode(columns [Columns][]float64) []byte {
	out := make([]byte, headSize+Buckets*Columns)
	for k, column := range columns {
		most := 0.0
		for _, w := range column {
			most = max(most, math.Abs(w))
		}
		scale := float32(max(most, 1e-9) / math.MaxInt8)
		binary.LittleEndian.PutUint32(out[4*k:], math.Float32bits(scale))
		for id, w := range column {
			out[headSize+id*Columns+k] = byte(int8(math.RoundToEven(w / float64(scale))))
		}
	}
	return out
}

// Margins are how far a text lies on a column's side, in units of the margin of training: above zero
// it speaks for the type, or of a failure.
type Margins [Columns]float64

// Score is what the model says of the last lines of a program and its end; nil: it still runs.
func (m *Model) Score(b *Buffer, lines []string, exit *heal.Exit) Margins {
	var sums [Columns]int32
	ids := b.Features(lines, exit)
	for _, id := range ids {
		row := m.rows[int(id)*Columns : int(id)*Columns+Columns]
		for k := range Columns {
			sums[k] += int32(int8(row[k]))
		}
	}
	var margins Margins
	norm := math.Sqrt(float64(len(ids)))
	for k := range margins {
		margins[k] = float64(sums[k]) * m.scale[k] / norm
	}
	return margins
}

// Shares are how probable each type is, given that it is a failure.
func (m Margins) Shares() [Types]float64 {
	var shares [Types]float64
	sum := 0.0
	for k := range shares {
		shares[k] = math.Exp(sharpness * m[k])
		sum += shares[k]
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares
}

// Tellers are the words of lines that speak most for a type, at most so many, the strongest first.
func (m *Model) Tellers(lines []string, typ, most int) []string {
	var b Buffer
	says := map[string]int{}
	for _, line := range lines {
		b.eachWord(line, func(word []byte, id uint16) {
			if w := int(int8(m.rows[int(id)*Columns+typ])); w > 0 && len(word) > 1 {
				says[string(word)] = w
			}
		})
	}
	words := slices.SortedFunc(maps.Keys(says), func(a, b string) int {
		return cmp.Or(cmp.Compare(says[b], says[a]), strings.Compare(a, b))
	})
	return words[:min(len(words), most)]
}
