package match

import (
	"bytes"
	"testing"
)

func FuzzLanes(f *testing.F) {
	f.Add([]byte("ABCXYZ@[`{ mixed CASE \x7f\x80\xc1 and\ttabs, \x1f\x00 more"))
	f.Add([]byte("first\nsecond line of some bytes\nno end \x0b\x8a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		want := bytes.Clone(text)
		for i, b := range want {
			want[i] = lowerByte(b)
		}
		if got := appendLower([]byte("KEEP"), text); !bytes.Equal(got, append([]byte("KEEP"), want...)) {
			t.Errorf("%q became %q", text, got)
		}
		for i, b := range text {
			if want[i] = b; b >= '0' && b <= '9' {
				want[i] = '0'
			}
		}
		if got := bytes.Clone(text); !bytes.Equal(zeroed(got), want) {
			t.Errorf("%q became %q", text, got)
		}
		if plain(text) != plainSlowly(text) {
			t.Errorf("%q: plain is %v", text, plain(text))
		}
		if got, want := lastLineEnd(text), bytes.LastIndexByte(text, '\n'); got != want {
			t.Errorf("%q: the last line ends at %d, want %d", text, got, want)
		}
	})
}

func zeroed(text []byte) []byte {
	zeroDigits(text)
	return text
}
