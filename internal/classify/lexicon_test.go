package classify

import (
	"regexp"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// TestLexiconIsWellFormed: each line is a feature and what it says of the ten types, in order, so
// that a search in the text finds every one.
func TestLexiconIsWellFormed(t *testing.T) {
	entry := regexp.MustCompile(`^(?:=|[a-z]+(?:_[a-z]+)?)(?: -?\d+){10}\n$`)
	before := ""
	for line := range strings.Lines(lexiconText) {
		feature, columns, _ := strings.Cut(line, " ")
		if !entry.MatchString(line) || feature <= before {
			t.Errorf("%q is no entry after %s", line, before)
		}
		before = feature
		if says, ok := oddsOf(feature); !ok || says != oddsIn(columns) {
			t.Errorf("%s is not found", feature)
		}
	}
	for _, no := range []string{"", "<", "a_", "errorless", "zzz"} {
		if _, ok := oddsOf(no); ok {
			t.Errorf("%q is found", no)
		}
	}
}

// TestWordsDecideWhereNoRuleDoes: the messages are in no corpus.
func TestWordsDecideWhereNoRuleDoes(t *testing.T) {
	c := classifier(t)
	for line, want := range map[string]heal.ErrorType{
		"certificate of the peer is no good, connection given up":      heal.CommunicationError,
		"setting \"mode\" has the impossible value \"fastest\"":        heal.ConfigurationError,
		"memory and swap are gone, allocation given up":                heal.ResourceExhaustion,
		"ERROR tensors of the checkpoint have the dimension of others": heal.LearningFailure,
		"Something went wrong, please try again later":                 heal.Unknown,
		"agent stopped": heal.Unknown,
	} {
		d := judged(c, &heal.Exit{Code: 1}, []string{"all is well", line})
		if d.Type != want {
			t.Errorf("%q is judged %s: want %s", line, d.Type, want)
		}
		if guessed := strings.Contains(strings.Join(d.Evidence, " "), "its words speak"); guessed != (want != heal.Unknown) {
			t.Errorf("%q: the evidence is %q", line, d.Evidence)
		}
		living := judged(c, nil, []string{line})
		if called := strings.HasPrefix(line, "ERROR"); called && (living.Type != want || living.Treated() != heal.Unknown) {
			t.Errorf("%q of a living agent is judged %s and treated as %s: want %s and unknown", line, living.Type, living.Treated(), want)
		} else if !called && living.Type == want && want != heal.Unknown {
			t.Errorf("%q of a living agent is judged %s", line, living.Type)
		}
		if d := judged(c, &heal.Exit{Signal: "SIGTERM"}, []string{line}); d.Type == want && want != heal.Unknown {
			t.Errorf("%q of an agent that was ended by others is judged %s", line, d.Type)
		}
	}
}

// TestALoggerIsNoSpeaker: neither is a runner of builds, whose marks look like comments.
func TestALoggerIsNoSpeaker(t *testing.T) {
	c := classifier(t)
	for line, want := range map[string]heal.ErrorType{
		"2026-03-01 10:00:01,120 ERROR agent: no space left on device": heal.ResourceExhaustion,
		"agent: no space left on device means that the disk is full":   heal.Benign,
		"##[error]No space left on device":                             heal.ResourceExhaustion,
		"# error: No space left on device":                             heal.Benign,
		"2026-03-01 10:00:01,120 ERROR connection refused by planner":  heal.CommunicationError,
	} {
		if d := judged(c, nil, []string{line}); d.Type != want {
			t.Errorf("%q is judged %s: want %s", line, d.Type, want)
		}
	}
}
