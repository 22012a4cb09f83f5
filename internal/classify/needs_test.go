package classify

import (
	"slices"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// TestMissingThingsAreNamed goes from what programs print to the files and programs that were not there.
func TestMissingThingsAreNamed(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"FileNotFoundError: [Errno 2] No such file or directory: '/srv/app/settings.json'":        {"/srv/app/settings.json"},
		"FileNotFoundError: [Errno 2] No such file or directory: 'settings.json'":                 {"settings.json"},
		"FileNotFoundError: [Errno 2] No such file or directory: 'pandoc'":                        {"pandoc"},
		"run.sh: line 3: pandoc: command not found":                                               {"pandoc"},
		"Error: Cannot find module '/srv/app/dist/main.js'":                                       {"/srv/app/dist/main.js"},
		`exec: "ffmpeg": executable file not found in $PATH`:                                      {"ffmpeg"},
		"Error: spawn ffmpeg ENOENT":                                                              {"ffmpeg"},
		"nginx: [emerg] open() \"/etc/nginx/missing.conf\" failed (2: No such file or directory)": {"/etc/nginx/missing.conf"},
		"Error: ENOENT: no such file or directory, open './conf/a.yml'":                           {"./conf/a.yml"},
		"ConnectionRefusedError: [Errno 111] Connection refused":                                  nil,
		"PermissionError: [Errno 13] Permission denied: '/srv/app/settings.json'":                 nil,
	} {
		var got []string
		if n := c.Read([]string{line}, &heal.Exit{Code: 1}, time.Now()).Needs; n != nil {
			got = n.Missing
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q are missing: want %q", line, got, want)
		}
	}
	if n := c.Read([]string{"cat: /srv/x: No such file or directory"}, nil, time.Now()).Needs; n != nil {
		t.Errorf("a program that lives needs nothing: %+v", n)
	}
}
