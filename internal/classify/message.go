package classify

import (
	"encoding/json"
	"strings"

	"healer-sidecar/internal/match"
)

// heads are what a line of a log begins with, by who writes it.
var heads = []string{
	`[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+:\d+\] `,      // glog, klog
	`\w{3} +\d+ \d\d:\d\d:\d\d \S+ [\w./-]+(?:\[\d+\])?: `, // syslog
	`<\d{1,3}>1 (?:\S+ ){5}(?:-|\[[^\]]*\]) `,              // syslog as in RFC 5424
	`[\w.@-]+\[\d+\]: `,                                                                // what journalctl -o short leaves of it
	`\d{4}-\S+T\S+ (?:stdout|stderr) [FP] `,                                            // containers under Kubernetes
	`\[\d{4}-\d\d-\d\d [\d:,.]+: \w+/[\w-]+\] `,                                        // Celery
	`\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ [VDIWEF] [\w.]+ *: `,                      // Android
	`\d+:[A-Z] \d+ \w{3} \d{4} \d\d:\d\d:\d\d\.\d+ [.*#-] `,                            // Redis
	`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* [A-Z]{3,4} \[\d+\] (?:[\w@.-]+ )?[A-Z]+: {1,2}`, // PostgreSQL
	`##\[\w+\]`, // runners of builds
	`(?:(?:\S*\d[:.-]\d\d\S*|\d{4}/\d\d/\d\d|\[?(?:info|debug|warn(?:ing)?|error|notice|trace)\]?:?)[ ,|-]+)+`,
}

var (
	// preamble is what logs put before a message: a container's name, times, a host and a
	// process, a level, what stands in brackets, a place in a source file, the number of a
	// step. logger may follow, and looks like a speaker's name.
	preamble = match.Lazy(`(?i)^(?:(?:\d+\|)?[\w.-]+ +\| )?(?:` + strings.Join(heads, "|") + `)?` +
		`(?:\[\w[^\]]{0,40}\] |\([\w./-]+:\d+\) |[\w./-]{1,60}\.\w{1,5}:\d+: |(?:step|task|job|stage|turn|round|phase) ?["\w#.-]{1,20}: |/\S{1,60}: )?`)
	logger = match.Lazy(`^[\w.\[\]/-]+(?:: | - )`)
	// logfmtMessage is the message of a logfmt record.
	logfmtMessage = match.Lazy(`(?:^| )msg="((?:[^"\\]|\\.)*)"`)
)

// unwrapped is a line without its preamble, or what the message of a structured record says,
// and how much of that may be the name of a logger; none where nothing was before it.
func unwrapped(line string) (text string, name int) {
	if said := recordMessage(line); said != "" {
		return said, 0
	}
	begin := len(preamble().FindString(line))
	if text = line[begin:]; begin > 0 {
		name = len(logger().FindString(text))
	}
	return text, name
}

// recordMessage is what the message of a record in JSON or logfmt says, empty for others.
func recordMessage(line string) string {
	if len(line) > 0 && line[0] == '{' {
		var r struct{ Msg, Message string }
		_ = json.Unmarshal([]byte(line), &r) // what is no record has no message
		return r.Msg + r.Message
	}
	if m := logfmtMessage().FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

// message is a line without all that logs put before it.
func message(line string) string {
	text, name := unwrapped(line)
	return text[name:]
}
