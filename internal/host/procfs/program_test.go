package procfs

import "testing"

func TestProgramIsWhatACommandReallyRuns(t *testing.T) {
	for _, c := range []struct {
		want string
		argv []string
	}{
		{"g.py", []string{"/usr/bin/python3", "g.py", "2"}},
		{"g.py", []string{"python3.12", "-u", "/srv/app/g.py"}},
		{"uvicorn", []string{"python3", "-m", "uvicorn", "app:app"}},
		{"gw.js", []string{"sh", "-c", "exec node --max-old-space-size=512 dist/gw.js run"}},
		{"agent", []string{"/opt/agent/bin/agent", "serve"}},
		{"agent", []string{"env", "A=1", "nice", "-n", "10", "timeout", "30s", "./agent"}},
		{"nginx", []string{"nginx: master process nginx"}},
		{"python3", []string{"python3"}},
		{"bash", []string{"bash"}},
		{"", nil},
	} {
		if got := Program(c.argv); got != c.want {
			t.Errorf("%q runs %q, want %q", c.argv, got, c.want)
		}
	}
}
