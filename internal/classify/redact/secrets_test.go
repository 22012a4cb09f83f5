package redact

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
)

// maker makes values that have the form of secrets; none of them is one.
type maker struct{ *rand.Rand }

func newMaker() maker { return maker{rand.New(rand.NewPCG(7, 11))} }

const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	webSafe      = alphanumeric + "-_"
)

func (m maker) of(letters string, least, most int) string {
	b := make([]byte, least+m.IntN(most-least+1))
	for i := range b {
		b[i] = letters[m.IntN(len(letters))]
	}
	return string(b)
}

func (m maker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

var chosen = strings.Fields("swordfish dragon winter letmein sunshine monkey football berlin secretsauce orange falcon rainbow")

func (m maker) password() string {
	w := chosen[m.IntN(len(chosen))]
	switch m.IntN(4) {
	case 0:
		return w + fmt.Sprint(10+m.IntN(2000))
	case 1:
		return strings.ToUpper(w[:1]) + w[1:] + fmt.Sprint(m.IntN(100)) + string("!#*+~^"[m.IntN(6)])
	case 2:
		return strings.NewReplacer("o", "0", "e", "3", "a", "4").Replace(w) + "_" + fmt.Sprint(1+m.IntN(99))
	}
	return m.of(alphanumeric, 10, 18) + "7q"
}

func (m maker) token() string {
	return m.of(alphanumeric, 8, 20) + fmt.Sprint(10+m.IntN(89)) + m.of(webSafe, 8, 20) + "Q"
}

// issued joins the parts of a form at run time, so that no scanner takes this file for a leak.
func (m maker) issued() string {
	switch m.IntN(7) {
	case 0:
		return "s" + "k-" + m.of(alphanumeric, 32, 48)
	case 1:
		return "s" + "k-ant-" + "api03-" + m.of(webSafe, 40, 60) + "A"
	case 2:
		return "gh" + "p_" + m.of(alphanumeric, 36, 36)
	case 3:
		return "AK" + "IA" + m.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 16)
	case 4:
		return "xo" + "xb-" + m.of("0123456789", 11, 12) + "-" + m.of(alphanumeric, 24, 24)
	case 5:
		return "AI" + "za" + m.of(webSafe, 34, 34) + "x"
	}
	return "h" + "f_" + m.of(alphanumeric, 34, 34)
}

func (m maker) phrase(n int) string {
	var words []string
	for range n {
		words = append(words, chosen[m.IntN(len(chosen))])
	}
	return strings.Join(words, " ")
}

func (m maker) value(kind string) string {
	switch kind {
	case "password":
		return m.password()
	case "hex":
		return hex.EncodeToString(m.bytes(16 + 4*m.IntN(5)))
	case "token":
		return m.token()
	case "issued":
		return m.issued()
	case "uuid":
		h := hex.EncodeToString(m.bytes(16))
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	case "jwt":
		part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		return part(`{"alg":"HS256"}`) + "." + part(`{"sub":"`+m.of(alphanumeric, 8, 12)+`"}`) + "." + base64.RawURLEncoding.EncodeToString(m.bytes(32))
	case "basic":
		return base64.StdEncoding.EncodeToString([]byte("bob:" + m.password()))
	case "words":
		return m.phrase(4)
	case "phrase":
		return m.phrase(12)
	}
	panic("no such kind of secret: " + kind)
}

var slot = regexp.MustCompile(`\{(password|hex|token|issued|uuid|jwt|basic|words|phrase)\}`)

// fill puts values into a form and says what they are, and how the line should look afterwards.
func (m maker) fill(form string) (line string, values []string, want string) {
	line = slot.ReplaceAllStringFunc(form, func(s string) string {
		v := m.value(strings.Trim(s, "{}"))
		values = append(values, v)
		return v
	})
	return line, values, slot.ReplaceAllString(form, Hidden)
}

// lines are those of a file in testdata that are no comments.
func lines(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "# ") {
			out = append(out, line)
		}
	}
	return out
}
