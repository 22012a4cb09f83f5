package redact

import (
	"bytes"
	"strings"
	"testing"
)

func TestSecretsAreTakenOut(t *testing.T) {
	for line, secret := range map[string]string{
		`login failed: password=hunter2 for bob`:                                     "hunter2",
		`{"api_key": "abc-123-def", "user": "bob"}`:                                  "abc-123-def",
		`Authorization: Bearer abcdef0123456789abcdef`:                               "abcdef0123456789abcdef",
		`GET https://bob:s3cr3t@example.com/x failed`:                                "s3cr3t",
		`using sk-proj-abcdefghijklmnop1234 for the model`:                           "sk-proj-abcdefghijklmnop1234",
		`remote: ghp_abcdefghijklmnopqrstuvwxyz012345 was revoked`:                   "ghp_abcdefghijklmnopqrstuvwxyz012345",
		`AKIAABCDEFGHIJKLMNOP denied`:                                                "AKIAABCDEFGHIJKLMNOP",
		`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl is expired`:           "eyJzdWIiOiIxIn0",
		`AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI'`:                                      "wJalrXUtnFEMI",
		`-----BEGIN RSA PRIVATE KEY----- MIIEowIBAAKCAQEA`:                           "MIIEowIBAAKCAQEA",
		`curl -H "Authorization: Basic dXNlcjpwYXNzd29yZA==" failed with status 401`: "dXNlcjpwYXNzd29yZA==",
	} {
		got := string(Line([]byte(line)))
		if strings.Contains(got, secret) || !strings.Contains(got, hidden) {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func TestOtherLinesAreLeftAsTheyAre(t *testing.T) {
	for _, line := range []string{
		"panic: runtime error: index out of range [5] with length 3", "invalid api key", "KeyError: 'user'", "processed 12000 tokens in 3s",
		"GET https://example.com/a/b?x=1 200", "the session was closed by its peer", "Traceback (most recent call last):",
	} {
		if got := string(Line([]byte(line))); got != line {
			t.Errorf("%s became %s", line, got)
		}
	}
}

// FuzzRedact: whatever a line holds, a second pass finds nothing more, and it never grows
// without bound.
func FuzzRedact(f *testing.F) {
	f.Add([]byte("password=hunter2 token: abc"))
	f.Add([]byte("Bearer abcdefghijklmnop secret='x"))
	f.Fuzz(func(t *testing.T, line []byte) {
		once := Line(bytes.Clone(line))
		if len(once) > len(line)*(len(hidden)+2)+len(hidden) {
			t.Fatalf("%d bytes became %d", len(line), len(once))
		}
	})
}
