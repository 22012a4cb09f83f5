package main

import (
	"os"
	"testing"
)

// TestLexiconIsOfTheCorpora: whoever adds wordings counts the words again.
func TestLexiconIsOfTheCorpora(t *testing.T) {
	c, err := countWords("../")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../" + lexiconFile)
	if err != nil {
		t.Fatal(err)
	}
	if c.lexicon() != string(have) {
		t.Error("the words of the corpora are others now: run go run ./corpus -words")
	}
}
