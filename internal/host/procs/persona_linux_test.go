package procs

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPersonaIsTheRealUser(t *testing.T) {
	status := map[string]string{
		"Uid": "33\t0\t0\t0", "Gid": "34\t0\t0\t0", "Groups": "34 1000", "Umask": "0027", "NoNewPrivs": "1",
		"CapInh": "0000000000000400", "CapBnd": "00000000000004ff", "CapAmb": "0000000000000400",
	}
	got, err := parsePersona(status)
	want := &Persona{UID: 33, GID: 34, Groups: []int{34, 1000}, Umask: 0o27, NoNewPrivileges: true, Inheritable: 0x400, Bounding: 0x4ff, Ambient: 0x400}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for field := range status {
		if field == "NoNewPrivs" || field == "Groups" {
			continue
		}
		lacking := map[string]string{}
		for name, value := range status {
			if name != field {
				lacking[name] = value
			}
		}
		if got, err := parsePersona(lacking); err == nil {
			t.Errorf("without %s it is %+v", field, got)
		}
	}
}

func TestLimitsAreThoseOfTheKernel(t *testing.T) {
	b, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		t.Fatal(err)
	}
	all, err := parseLimits(string(b))
	if err != nil {
		t.Fatal(err)
	}
	for resource, got := range all {
		var want unix.Rlimit
		if err := unix.Getrlimit(resource, &want); err != nil || got != want {
			t.Errorf("limit %d: %+v, not %+v, %v", resource, got, want, err)
		}
	}
	for _, text := range []string{"", "Limit\n", "Limit\nMax cpu time\n", strings.Replace(string(b), "Max open files            ", "Max open files            x", 1)} {
		if got, err := parseLimits(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
