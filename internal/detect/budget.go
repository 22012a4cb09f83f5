package detect

import (
	"bytes"
	"fmt"
	"time"
)

const (
	// judgeShare is the share of one core that judging the lines of one agent may take, once
	// for what the operator's rules look for and once for all else; judgeMost is how much of
	// it may be saved up.
	judgeShare = 0.25
	judgeMost  = 500 * time.Millisecond
	// clockEvery is how many lines are judged between two looks at the clock.
	clockEvery = 8
)

// What the operator's rules look for has a share of its own, beside that of all else, and so have
// the steps of the agent.
const others, owns, walks, shares = 0, 1, 2, 3

func shareOf(own bool) int {
	if own {
		return owns
	}
	return others
}

// budget bounds the time that goes into judging suspicious lines. All output is
// searched; of the lines that hold a word of some rule, those that come too thick are
// counted and left. What a rule of the operator looks for has a share of its own: a flood of
// lines that only look like failures does not hide it. read = judged + left, and the last
// lines of a run are always read when it ends.
type budget struct {
	// left is what may still be spent of each share.
	left   [shares]time.Duration
	filled time.Time
	// since is when the present stretch of judging began, and of which share it is.
	since time.Time
	share int
	asked int
	// lines counts what was read, leftOut the suspicious ones among them that were not
	// judged, unfollowed those that were not looked at as steps.
	lines, leftOut, unfollowed int
}

// begin takes a block into account and refills what time has earned.
func (b *budget) begin(block []byte, now time.Time) {
	b.lines += bytes.Count(block, []byte("\n"))
	for i := range b.left {
		b.left[i] = min(b.left[i]+time.Duration(judgeShare*float64(now.Sub(b.filled))), judgeMost)
	}
	b.filled, b.since, b.asked = now, now, 0
}

// may reports whether one more line can be afforded; own says that it holds what a rule of
// the operator looks for.
func (b *budget) may(own bool) bool {
	if b.affords(shareOf(own)) {
		return true
	}
	b.leftOut++
	return false
}

// follows is may for a line that may be a step of the agent.
func (b *budget) follows() bool {
	if b.affords(walks) {
		return true
	}
	b.unfollowed++
	return false
}

func (b *budget) affords(share int) bool {
	if b.asked++; b.asked%clockEvery == 0 || share != b.share {
		b.spend(time.Now())
	}
	b.share = share
	return b.left[share] > 0
}

// turn begins a stretch of another share.
func (b *budget) turn(share int, now time.Time) {
	b.spend(now)
	b.share = share
}

func (b *budget) spend(now time.Time) {
	b.left[b.share] -= now.Sub(b.since)
	b.since = now
}

// note tells how much was left out.
func (b *budget) note() string {
	said := fmt.Sprintf("output_sampled: %d lines read, %d judged, %d suspicious ones left out: they came too fast", b.lines, b.lines-b.leftOut, b.leftOut)
	if b.unfollowed > 0 {
		said += fmt.Sprintf("; %d not followed as steps", b.unfollowed)
	}
	return said
}

// sampled is how many lines were left out in one way or the other.
func (b *budget) sampled() int {
	return b.leftOut + b.unfollowed
}
