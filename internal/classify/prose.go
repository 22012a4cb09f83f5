package classify

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"healer-sidecar/internal/match"
)

// functionWords join the words of English sentences, and are rare in messages.
var functionWords = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(`the a an of to in is are be been was were that this these those which it its and or not if will
 would can could may should must you we i they he she our your their my with for by as at from on into when while than then but so
 do does has have had there here also such only more most some any each other about between because though through how what who
 where whether one`) {
		all[w] = true
	}
	return all
})

const (
	// proseWords are the least words of a sentence that is taken for prose, proseShare how
	// many in a hundred of them join the others. Of the sentences in which programs report
	// a failure most are shorter.
	proseWords, proseShare = 8, 40
)

// prose reports that a line, in lower case, is a sentence out of a text rather than a
// message: a living agent prints documents and answers, too.
func prose(lower []byte) bool {
	if bytes.Contains(lower, []byte("exception: ")) || bytes.Contains(lower, []byte("error: ")) {
		return false // what follows is what an error says of itself
	}
	words, joining := 0, 0
	for word := range bytes.SplitSeq(lower, []byte(" ")) {
		word = bytes.TrimRightFunc(word, func(r rune) bool { return r >= utf8.RuneSelf || !match.WordByte(byte(r)) })
		if len(word) > 0 {
			words++
		}
		if functionWords()[string(word)] {
			joining++
		}
	}
	return words >= proseWords && joining*100 >= words*proseShare
}
