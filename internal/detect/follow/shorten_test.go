package follow

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// whole feeds a text in pieces and returns the lines that come out.
func whole(text string, piece int) (lines []string, l *Lines) {
	l = &Lines{Records: true}
	for b := []byte(text); len(b) > 0; b = b[min(piece, len(b)):] {
		l.Write(b[:min(piece, len(b))], func(block []byte) {
			for line := range Split(block) {
				lines = append(lines, string(line))
			}
		})
	}
	return lines, l
}

func TestLongRecordsStayRecords(t *testing.T) {
	for name, text := range map[string]string{
		"plain":   strings.Repeat("x", 3<<20),
		"escapes": strings.Repeat(`\n\"\\`, 1<<19),
		"unicode": "x" + strings.Repeat(`\u00e9\ud83d\ude00`, 1<<17),
	} {
		for _, piece := range []int{1 << 16, 4093, 17} {
			line := `{"big":"` + text + `","type":"tool_result","list":["` + text + `",1]}`
			lines, l := whole(line+"\n{\"type\":\"next\"}\n", piece)
			if len(lines) != 2 {
				t.Fatalf("%s by %d: %d lines, want 2", name, piece, len(lines))
			}
			var v struct{ Type string }
			if err := json.Unmarshal([]byte(lines[0]), &v); err != nil || v.Type != "tool_result" {
				t.Errorf("%s by %d: %v, type %q", name, piece, err, v.Type)
			}
			if len(lines[0]) > 3*maxText || lines[1] != `{"type":"next"}` {
				t.Errorf("%s by %d: %d bytes are kept, then %q", name, piece, len(lines[0]), lines[1])
			}
			if cap(l.partial) > spareLine {
				t.Errorf("%s by %d: %d bytes stay behind", name, piece, cap(l.partial))
			}
		}
	}
}

func TestARecordOfTooManyPartsIsCut(t *testing.T) {
	lines, l := whole("["+strings.Repeat("1,", 1<<20)+"1]\n{}\n", 1<<16)
	if len(lines) != 2 || len(lines[0]) > maxRecord || l.Cut != 1 || lines[1] != "{}" {
		t.Errorf("%d lines, the first of %d bytes, %d cut", len(lines), len(lines[0]), l.Cut)
	}
}

func FuzzShorten(f *testing.F) {
	f.Add([]byte(`{"a":"`+strings.Repeat(`\u00e9`, 900)+`"}`), 7)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		piece = max(piece%64, 1)
		var s shortener
		var out []byte
		for rest := b; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			out = s.add(out, rest[:min(piece, len(rest))])
		}
		if len(out) > len(b) || json.Valid(b) && !json.Valid(out) {
			t.Fatalf("%q became %q", b, out)
		}
		if len(b) < maxText && !bytes.Equal(out, b) {
			t.Fatalf("the short %q became %q", b, out)
		}
	})
}
