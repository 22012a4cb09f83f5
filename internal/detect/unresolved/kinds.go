package unresolved

import (
	"time"
)

const (
	// mostKinds bounds the kinds of messages that are remembered; the one that was not seen for longest goes.
	mostKinds = 64
	// regularFrom is how often a message came that is regular. It is gone when it was not seen for goneFor,
	// and for goneFactor times its longest pause.
	regularFrom         = 3
	goneFor, goneFactor = 20 * time.Second, 4
)

// kind is what is known of the messages that differ in numbers and names only.
type kind struct {
	count int
	// before is how often it came before the present stretch.
	before  int
	last    time.Time
	longest time.Duration
	doubt   Doubt
}

// saw takes one more into account.
func (k *kind) saw(now time.Time) {
	if k.count++; k.count > 1 {
		k.longest = max(k.longest, now.Sub(k.last))
	}
	k.last = now
}

// kinds are the kinds of messages of one run.
type kinds map[uint64]*kind

// find is what is known of a kind.
func (all *kinds) find(hash uint64, now time.Time) *kind {
	if k := (*all)[hash]; k != nil {
		return k
	}
	if *all == nil {
		*all = kinds{}
	}
	if len(*all) >= mostKinds {
		all.drop(now)
	}
	k := &kind{}
	(*all)[hash] = k
	return k
}

// begin is the start of a stretch.
func (all kinds) begin() {
	for _, k := range all {
		k.before = k.count
	}
}

// drop forgets the kind that was not seen for longest.
func (all *kinds) drop(now time.Time) {
	var oldest uint64
	age := time.Duration(-1)
	for hash, k := range *all {
		if a := now.Sub(k.last); a > age || a == age && hash < oldest {
			oldest, age = hash, a
		}
	}
	delete(*all, oldest)
}

// gone is for how long all regular messages are gone that tell of work, since one came that speaks of a
// failure, or of any others where none told of work; zero where one still comes. Regular says that
// there were any.
func (all kinds) gone(since, now time.Time) (least time.Duration, regular bool) {
	least, regular = all.away(since, now, func(k *kind) bool { return k.doubt == Working })
	if !regular {
		least, regular = all.away(since, now, func(k *kind) bool { return k.doubt == Neutral })
	}
	return least, regular
}

// away is the least time for which regular messages of some kinds are gone, and whether there are any.
func (all kinds) away(since, now time.Time, of func(*kind) bool) (least time.Duration, any bool) {
	for _, k := range all {
		if !of(k) || k.before < regularFrom || since.Sub(k.last) > goneFactor*max(k.longest, goneFor) {
			continue // it was over before
		}
		away := now.Sub(k.last)
		if away < goneFor || away < goneFactor*k.longest {
			return 0, true
		}
		if any = true; least == 0 || away < least {
			least = away
		}
	}
	return least, any
}
