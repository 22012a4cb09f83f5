package detect

import (
	"bytes"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/match"
)

const (
	// askedAfter is how long nothing must have been printed behind a question.
	askedAfter = 2 * time.Second
	// questionWidth is how much of a question is kept: its end.
	questionWidth = 300
)

// asking tells that the agent waits for an answer: the last line of its output has no end, and
// it has asked for input.
type asking struct{}

func askingCheck(name string) Check {
	return Check{Name: name, Witness: heal.WitnessLiveness, begin: func() judge { return asking{} }}
}

func decodeAsking(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, nil)
	s.addCheck(askingCheck(b.Title()))
	return f.Diags
}

func (asking) look(m sample) finding {
	if m.asks == "" {
		return finding{}
	}
	why := "it waits for an answer to: " + m.asks
	vote := heal.Vote{Type: heal.ConfigurationError, Weight: 1, Why: why, Cause: heal.Asking}
	return finding{bad: true, text: why, vote: vote}
}

// prompts end with what asks for an answer.
var prompts = match.Lazy(`(?i)(?:[?:>$#»›❯\])]|\by/n\b.*|\byes/no\b.*|password.*|press .*|enter .*|continue.*)\s*$`)

// question is what the agent waits to be answered; empty when it does not.
func (a *Agent) question(m sample) string {
	if m.quiet < askedAfter || m.held {
		return ""
	}
	for _, s := range a.sources {
		line := s.file.Unfinished()
		line = line[bytes.LastIndexByte(line, '\r')+1:] // what was drawn last
		line = line[max(len(line)-questionWidth, 0):]
		text := strings.TrimSpace(redact.Kept(line, questionWidth))
		if text == "" {
			continue
		}
		switch asked := procfs.Reads(m.usage.Members); {
		case asked == procfs.ReadsNow, asked == procfs.ReadsAmongOthers && prompts().MatchString(text):
			return text
		}
		return ""
	}
	return ""
}
