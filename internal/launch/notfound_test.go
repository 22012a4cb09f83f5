package launch

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatCannotBeRunIsSaidLikeAShellDoes compares words and code with those of the shell of
// this machine.
func TestWhatCannotBeRunIsSaidLikeAShellDoes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine to compare with")
	}
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("plain", "echo hi\n", 0o644)
	write("noint", "#!/nowhere/python\n", 0o755)
	write("script", "echo ran \"$@\"; exit 3\n", 0o755)
	write("empty", "", 0o755)
	for _, name := range []string{"no-such-program", "./nofile", ".", "./plain", "./noint", "./plain/x"} {
		_, err := Runnable([]string{name})
		var cannot *CannotRun
		if !errors.As(err, &cannot) {
			t.Errorf("%s can be run: %v", name, err)
			continue
		}
		shell := exec.Command(bash, "-c", "exec "+name)
		if name == "no-such-program" || name == "./noint" { // exec says less than the shell itself
			shell = exec.Command(bash, "-c", name+"; exit $?")
		}
		shell.Env = append(os.Environ(), "LC_ALL=C")
		said, _ := shell.CombinedOutput()
		if !strings.Contains(string(said), cannot.Why) && name != "." && name != "./noint" || shell.ProcessState.ExitCode() != cannot.Code && name != "." && name != "./noint" {
			t.Errorf("%s: %v with %d; bash says %s with %d", name, cannot, cannot.Code, said, shell.ProcessState.ExitCode())
		}
	}
	got, err := Runnable([]string{"./script", "a b"})
	if err != nil || strings.Join(got, "|") != "/bin/sh|./script|a b" {
		t.Errorf("a script without an interpreter: %v, %v", got, err)
	}
	for _, command := range [][]string{{"sh", "-c", "x"}, {"./empty"}} {
		if got, err := Runnable(command); err != nil || len(got) != len(command) {
			t.Errorf("%v: %v, %v", command, got, err)
		}
	}
}
