package classify

import "testing"

// TestNoPredicate: what a living program names, sets or passes on has not happened.
func TestNoPredicate(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"graceful_timeout: 30",
		"  proxy_connect_timeout = 60s",
		`"request-timeout": 30,`,
		"lmtp_data_init_timeout = 120s",
		"running: deploy --on-timeout --rollback",
		"+ git commit -m 'feat: permission denied page'",
		`$ gh issue create --title "disk full on the build host" --body x`,
	} {
		if m, ok := c.Line([]byte(line), &Scratch{}); ok {
			t.Errorf("%q is taken for %+v", line, m)
		}
	}
	for _, line := range []string{
		"ERROR: request timed out, timeout=30s",
		"git push: fatal: unable to access remote: Connection refused",
		"ERROR deploy --wait 'app' failed: connection refused",
		"request to upstream timed out after 30s",
	} {
		if _, ok := c.Line([]byte(line), &Scratch{}); !ok {
			t.Errorf("%q is missed", line)
		}
	}
}
