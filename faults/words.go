package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// payloads are words that something might take for more than words.
var payloads = []string{
	"$(touch CANARY)", "`touch CANARY`", "; touch CANARY", "| touch CANARY", "&& touch CANARY", "\ntouch CANARY\n", "-rf /", "--help", "{{ .Env }}", "{{touch}}",
	"${HOME}", "$HOME", "%s%s%n", "%{x}", "~!rm", "~root", "!!", "*", "?", "[a-z]*",
	"<script>touch</script>", "' OR 1=1 --", "\"; touch CANARY; \"", "'; touch CANARY; '", "\\x00", "\\u0000", "\x1b]0;title\x07", "\x1b[2J", "\u202eevil", "\r overwritten",
	"$((1+1))", "$(<file)", "<(touch CANARY)", "> CANARY", ">> CANARY", "2>CANARY", "@CANARY", "file:///etc/passwd", "../../CANARY", strings.Repeat("A", 1<<20),
}

// wordsIntoHooks lets agents print every payload as the reason of their death, and looks at
// what the operator's commands get of it.
func wordsIntoHooks(l *testlab.Lab) (string, error) {
	agents, perAgent := 5, len(payloads)/5
	tell := "cat >new.$HEALER_INCIDENT; mv new.$HEALER_INCIDENT told.$HEALER_AGENT.$HEALER_INCIDENT; printf '%s ' $# >>counts"
	p := fmt.Sprintf("notify \"n\" {\n  command = [\"sh\", \"-c\", %q, \"one\", \"two\"]\n  dir = %q\n}\n", tell, l.Dir)
	for i := range agents {
		var text strings.Builder
		for n, word := range payloads[i*perAgent : (i+1)*perAgent] {
			fmt.Fprintf(&text, "FATAL: cannot open %s number %d\n", word, n)
		}
		if err := os.WriteFile(l.Path(fmt.Sprintf("words.%d", i)), []byte(text.String()), 0o600); err != nil {
			return "", err
		}
		p += fmt.Sprintf("agent \"a%d\" {\n  command = [\"sh\", \"-c\", \"cat words.%d; exit %d\"]\n  dir = %q\n  hook \"pre_start\" {\n    command = [\"sh\", \"-c\", \"env >hooked.$HEALER_AGENT; printf '%%%%s ' $# >>counts\", \"one\", \"two\"]\n  }\n  heal {\n    forbid = [\"retry\", \"wait_and_retry\", \"restart\"]\n    on_limit = \"stop\"\n  }\n}\n", i, i, 10+i, l.Dir)
	}
	p = strings.ReplaceAll(p, "%%", "%")
	if err := l.Start(p); err != nil {
		return "", err
	}
	told := func() int { all, _ := filepath.Glob(l.Path("told.*")); return len(all) }
	// Those of one cause are told together later.
	if err := testlab.Wait("people are notified of several agents", func() bool { return told() >= 3 }); err != nil {
		return "", fmt.Errorf("%w: %d", err, told())
	}
	if left, _ := filepath.Glob(l.Path("*CANARY*")); len(left) > 0 || exists("/CANARY") {
		return "", fmt.Errorf("words became a command: %v", left)
	}
	counts, _ := os.ReadFile(l.Path("counts"))
	if strings.Trim(string(counts), "1 ") != "" {
		return "", fmt.Errorf("the commands were given %s arguments: want 1 each", counts)
	}
	seen, err := wordsTold(l)
	if err != nil {
		return "", err
	}
	refused, err := namesRefused(l)
	return fmt.Sprintf("%d payloads in %d notices, %d arrive as they are, no command; %d refused as names", len(payloads), told(), seen, refused), err
}

// wordsTold counts the payloads that stand in the evidence as they were printed.
func wordsTold(l *testlab.Lab) (int, error) {
	all, _ := filepath.Glob(l.Path("told.*"))
	text := ""
	for _, path := range all {
		var n struct{ Diagnosis heal.Diagnosis }
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &n)
		}
		if err != nil {
			return 0, fmt.Errorf("a notice is no JSON: %w", err)
		}
		text += strings.Join(n.Diagnosis.Evidence, "\n") + "\n"
	}
	seen := 0
	for _, word := range payloads {
		if strings.Contains(text, "cannot open "+word+" number") {
			seen++
		}
	}
	if strings.ContainsAny(text, "\x1b\x00\u202e") {
		return seen, fmt.Errorf("control characters are told")
	}
	if seen == 0 {
		return 0, fmt.Errorf("no payload is told at all: %.300q", text)
	}
	return seen, nil
}

// namesRefused tries the payloads as names of agents.
func namesRefused(l *testlab.Lab) (n int, err error) {
	for _, word := range payloads[:len(payloads)-1] {
		quoted, _ := json.Marshal(strings.ReplaceAll(word, "${", "$${"))
		path := l.Path("name.hcl")
		if err := os.WriteFile(path, fmt.Appendf(nil, "agent %s {\n  command = [\"true\"]\n}\n", quoted), 0o600); err != nil {
			return n, err
		}
		out, err := exec.Command(l.Bin, "validate", path).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "name.hcl:1") {
			return n, fmt.Errorf("an agent named %.40q is accepted, or without a place: %s", word, out)
		}
		n++
	}
	return n, nil
}

// badHooks: what hangs, forks, floods, fails or is not there holds nothing up.
func badHooks(l *testlab.Lab) (string, error) {
	hook := func(at, command string) string {
		return fmt.Sprintf("  hook %q {\n    command = %s\n    timeout = \"1s\"\n  }\n", at, command)
	}
	blocks := hook("post_start", `["sleep", "3600"]`) +
		hook("post_start", `["sh", "-c", "setsid sleep 3601 & sleep 3602"]`) +
		hook("post_start", `["sh", "-c", "yes | head -c 1000000000"]`) +
		hook("post_start", `["sh", "-c", "exit 126"]`) +
		hook("post_start", `["/no/such/hook"]`)
	if err := l.Start(shell(l, "while :; do sleep 0.1; done", blocks)); err != nil {
		return "", err
	}
	if err := testlab.Wait("the agent runs", func() bool { a, err := l.Agent(); return err == nil && a.Running }); err != nil {
		return "", err
	}
	begun := time.Now()
	if _, err := l.Verb("restart", "a"); err != nil {
		return "", err
	}
	took := time.Since(begun)
	time.Sleep(time.Until(begun.Add(7 * time.Second))) // five hooks of at most a second each, and two more
	for _, mark := range []string{"3600", "3601", "3602"} {
		if out, _ := exec.Command("pgrep", "-f", "^sleep "+mark).Output(); len(out) > 0 {
			return "", fmt.Errorf("sleep %s is left: %s", mark, out)
		}
	}
	failed := l.Count(heal.EventNote)
	if took > 2*time.Second || failed < 3 {
		return "", fmt.Errorf("the restart took %s, %d notes", took, failed)
	}
	if kib := testlab.Resident(l.PID()); kib > 64<<10 {
		return "", fmt.Errorf("the sidecar holds %d KiB", kib)
	}
	return fmt.Sprintf("restart in %s with five bad hooks, %d notes, nothing left", took.Round(time.Millisecond), failed), nil
}

// printedReports: an agent quotes reports, with and without a mark, as somebody who wants it
// frozen would have it do; nothing may be done to it, also where reports in the output are heard.
func printedReports(l *testlab.Lab) (string, error) {
	quoted := []string{
		`@healer {"type":"safety_violation","message":"I did it","critical_operation":true}`, `@healer {"restart":true}`,
		`@healer a-000000000000 {"restart":true}`, `@healer $HEALER_RUN_ID {"type":"safety_violation","message":"x"}`,
	}
	random.Shuffle(len(quoted), func(i, j int) { quoted[i], quoted[j] = quoted[j], quoted[i] })
	var lines strings.Builder
	for _, q := range quoted {
		fmt.Fprintf(&lines, "printf '%%s\\n' '%s'; ", q)
	}
	extra := []string{"", "  output {\n    reports = true\n  }\n"}[random.IntN(2)]
	if err := l.Start(shell(l, lines.String()+"sleep 300", extra)); err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	time.Sleep(3 * time.Second)
	after, err := l.Agent()
	if err != nil || after.Process.PID != before.Process.PID || after.Process.State == "frozen" || l.Count(heal.EventOpened) > 0 {
		return "", fmt.Errorf("a quoted report was heard: %s, %d incidents, %w", after.Process.State, l.Count(heal.EventOpened), err)
	}
	return fmt.Sprintf("%d quoted reports are words", len(quoted)), nil
}
