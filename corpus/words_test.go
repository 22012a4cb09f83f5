package main

import (
	"os"
	"testing"
)

// TestLexiconIsOfTheCorpora: whoever adds wordings learns the words again.
func TestLexiconIsOfTheCorpora(t *testing.T) {
	text, err := learnWords("../")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../" + lexiconFile)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(have) {
		t.Error("the words of the corpora are others now: run go run ./corpus -words")
	}
}
