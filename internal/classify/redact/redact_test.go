package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestSecretsAreTakenOut(t *testing.T) {
	for line, want := range map[string]string{
		`login failed: password=hunter2 for bob`:                                      `login failed: password=[redacted] for bob`,
		`{"api_key": "abc-123-def", "user": "bob"}`:                                   `{"api_key": "[redacted]", "user": "bob"}`,
		`GET https://bob:s3cr3t@example.com/x failed`:                                 `GET https://bob:[redacted]@example.com/x failed`,
		`AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI'`:                                       `AWS_SECRET_ACCESS_KEY='[redacted]'`,
		`curl -H "Authorization: Basic dXNlcjpwYXNzd29yZA==" failed with status 401`:  `curl -H "Authorization: Basic [redacted]" failed with status 401`,
		`debug {"headers":"{\"x-api-key\":\"CANARY-a-222222\"}"}`:                     `debug {"headers":"{\"x-api-key\":\"[redacted]\"}"}`,
		`curl -u admin:CANARY-d-555555 https://api.example.test/`:                     `curl -u admin:[redacted] https://api.example.test/`,
		`GET https://api.telegram.org/bot123456789:CANARY-e-AAE666666/getUpdates 401`: `GET https://api.telegram.org/bot123456789:[redacted]/getUpdates 401`,
		`OPENAI_KEY=CANARY-f-1414`:                                                    `OPENAI_KEY=[redacted]`,
		`--api-key CANARY-g-1515`:                                                     `--api-key [redacted]`,
		`fatal: worker gave up: token CANARY-k-1616 was refused`:                      `fatal: worker gave up: token [redacted] was refused`,
		`password=first password=second`:                                              `password=[redacted] password=[redacted]`,
	} {
		if got := Text(line); got != want {
			t.Errorf("%s\n   became %s\n   want   %s", line, got, want)
		}
	}
}

// TestKeyBlocks: no line of a private key is kept, wherever the lines begin and whatever a log puts
// before each; a certificate is no secret.
func TestKeyBlocks(t *testing.T) {
	m := newMaker()
	var block []string
	for range 5 {
		block = append(block, base64.StdEncoding.EncodeToString(m.bytes(48)))
	}
	block = append(block, "CANARYh=")
	for _, prefix := range []string{"", "    ", "2026-11-28T10:00:00Z app | "} {
		for name, whole := range map[string][]string{
			"all":    append(append([]string{"-----BEGIN OPENSSH PRIVATE KEY-----"}, block...), "-----END OPENSSH PRIVATE KEY-----", "next line"),
			"no end": append([]string{"-----BEGIN RSA PRIVATE KEY-----"}, block...),
			"no top": append(append([]string{}, block...), "-----END PRIVATE KEY-----", "next line"),
		} {
			text := All(prefix + strings.Join(whole, "\n"+prefix))
			checkGone(t, name, text, block)
			if whole[len(whole)-1] == "next line" && !strings.HasSuffix(text, "\n"+prefix+"next line") {
				t.Errorf("%s, %q: the line behind became another\n%s", name, prefix, text)
			}
		}
	}
	certificate := []string{"-----BEGIN CERTIFICATE-----", "MIIB", "-----END CERTIFICATE-----"}
	if Lines(certificate); certificate[1] != "MIIB" {
		t.Errorf("a certificate became %q", certificate)
	}
}

func checkGone(t *testing.T, name, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s: %s is left in\n%s", name, secret, text)
		}
	}
}

func TestOtherLinesAreKeptAsTheyAre(t *testing.T) {
	for _, line := range lines(t, "plain.txt") {
		if got := Text(line); got != line {
			t.Errorf("%s\n   became %s", line, got)
		}
	}
}

// TestNothingIsCutInHalf: a secret that crosses the limit is taken out, not shortened.
func TestNothingIsCutInHalf(t *testing.T) {
	m := newMaker()
	for i := range 40 {
		secret := m.issued()
		line := strings.Repeat("x ", 20) + secret + " was revoked"
		if got := Kept([]byte(line), 40+i); len(got) > 40+i || strings.Contains(got, secret[:4]) {
			t.Errorf("at %d: %s", 40+i, got)
		}
	}
}

// FuzzText: whatever a line holds, nothing is found in what is left, and it never grows without bound.
func FuzzText(f *testing.F) {
	f.Add("password=hunter2 token: abc")
	f.Add("Bearer abcdefghijklmnop secret='x")
	f.Add(`{\"a_key\":\"x\\\"` + "\n--token \"")
	f.Fuzz(func(t *testing.T, line string) {
		once := Text(line)
		if len(once) > len(line)*(len(Hidden)+1)+len(Hidden) {
			t.Fatalf("%d bytes became %d", len(line), len(once))
		}
		if !strings.Contains(once, Hidden) && once != line {
			t.Fatalf("%q became %q", line, once)
		}
		if got := Line([]byte(line)); !bytes.Equal(got, []byte(once)) {
			t.Fatalf("%q and %q", got, once)
		}
	})
}

func BenchmarkText(b *testing.B) {
	for name, line := range map[string]string{
		"plain":  "2026-11-28 10:00:00 INFO request 42 took 12 ms and returned 200",
		"secret": `{"level":"debug","headers":{"authorization":"Bearer abcdef0123456789abcdef","accept":"*/*"}}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Text(line)
			}
		})
	}
}
