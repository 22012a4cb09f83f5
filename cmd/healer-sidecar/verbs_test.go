package main

import (
	"io"
	"testing"
)

// TestQuickVerbsAreVerbs: a name that no verb has would never be quick.
func TestQuickVerbsAreVerbs(t *testing.T) {
	known := map[string]bool{}
	for _, verb := range verbs {
		known[verb(streams{out: io.Discard, err: io.Discard}).Name()] = true
	}
	for name := range quick {
		if !known[name] {
			t.Errorf("there is no verb %s", name)
		}
	}
}
