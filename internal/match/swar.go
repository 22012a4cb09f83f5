package match

import (
	"bytes"
	"encoding/binary"
)

// Eight bytes at once: every byte of a word is one lane.
const (
	lanes    = 0x0101010101010101
	laneTops = 0x80 * lanes
	laneSize = 8
)

// appendLower appends src with its ASCII letters in lower case.
func appendLower(dst, src []byte) []byte {
	n := len(dst)
	dst = append(dst, src...)
	low := dst[n:]
	for len(low) >= laneSize {
		w := binary.LittleEndian.Uint64(low)
		if upper := upperLanes(w); upper != 0 {
			binary.LittleEndian.PutUint64(low, w|upper>>2)
		}
		low = low[laneSize:]
	}
	for i, b := range low {
		low[i] = lowerByte(b)
	}
	return dst
}

// upperLanes sets the top bit of every lane that holds A to Z. Without the top bits no
// lane can carry into the next.
func upperLanes(w uint64) uint64 {
	seven := w &^ laneTops
	fromA := seven + (0x80-'A')*lanes
	pastZ := seven + (0x80-'Z'-1)*lanes
	return fromA &^ pastZ &^ w & laneTops
}

// zeroDigits makes a 0 of every digit.
func zeroDigits(text []byte) {
	for len(text) >= laneSize {
		w := binary.LittleEndian.Uint64(text)
		v := w ^ '0'*lanes
		ten := v&^laneTops + (0x80-10)*lanes
		digit := ^(ten | v) & laneTops
		binary.LittleEndian.PutUint64(text, w&^(digit>>4|digit>>5|digit>>6|digit>>7))
		text = text[laneSize:]
	}
	for i, b := range text {
		if b-'0' < 10 {
			text[i] = '0'
		}
	}
}

// plain reports that a text holds no control byte but tabs.
func plain(text []byte) bool {
	for len(text) >= laneSize {
		if controlLanes(binary.LittleEndian.Uint64(text)) && !plainSlowly(text[:laneSize]) {
			return false
		}
		text = text[laneSize:]
	}
	return plainSlowly(text)
}

// controlLanes reports that some lane holds a byte below space or DEL. It may be
// wrong about a lane above such a one, never about all.
func controlLanes(w uint64) bool {
	del := w ^ 0x7f*lanes
	return ((w-0x20*lanes)&^w|(del-lanes)&^del)&laneTops != 0
}

func plainSlowly(text []byte) bool {
	for _, b := range text {
		if b < 0x20 && b != '\t' || b == 0x7f {
			return false
		}
	}
	return true
}

// lastLineEnd is where the last line of a text ends that is complete, or -1.
func lastLineEnd(text []byte) int {
	const ends = '\n' * lanes
	i := len(text)
	for ; i >= laneSize; i -= laneSize {
		v := binary.LittleEndian.Uint64(text[i-laneSize:]) ^ ends
		if (v-lanes)&^v&laneTops != 0 {
			break
		}
	}
	return bytes.LastIndexByte(text[:i], '\n')
}
