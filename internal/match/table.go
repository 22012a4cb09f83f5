package match

const (
	// filterBits makes a filter that stays in the second cache, and passes little; setBits
	// sets that stay in the first.
	filterBits, setBits = 20, 17
	// bucketBits is how many chains there are.
	bucketBits = 12
	// hashFactor and wideFactor are 2^32 and 2^64 divided by the golden ratio.
	hashFactor = 0x9e3779b1
	wideFactor = 0x9e3779b97f4a7c15
)

// filter is a set of windows, by the upper bits of their hashes.
type filter [1 << filterBits / 64]uint64

func (f *filter) add(window uint32) {
	h := window * hashFactor >> (32 - filterBits)
	f[h/64] |= 1 << (h % 64)
}

// has is 1 for what was added, and rarely for something else.
func (f *filter) has(window uint32) uint64 {
	h := window * hashFactor >> (32 - filterBits)
	return f[h/64] >> (h % 64) & 1
}

// passingEach is passing, window by window.
func passingEach(f *filter, text []byte, out []uint64, windows int) {
	for n := range windows {
		out[n/64] |= f.has(load(text[n*stride:])) << (n % 64)
	}
}

// passing asks the filter about every second window of some steps of text, behind which two
// bytes are left. It returns a bit for each: one for what passes.
func passing(f *filter, text []byte, steps int, words *[wordsAtOnce]uint64) []uint64 {
	out := words[:(steps+stepsOfWord-1)/stepsOfWord]
	clear(out)
	if wide {
		passingWide(&text[:steps*stepSize+windowSize-stride][0], steps, f, &out[0])
	} else {
		passingEach(f, text, out, steps*stepSize/stride)
	}
	return out
}

// bitset is a smaller set of what is asked next.
type bitset [1 << setBits / 64]uint64

func (b *bitset) add(key uint64) {
	h := key * wideFactor >> (64 - setBits)
	b[h/64] |= 1 << (h % 64)
}

// has is 1 for what was added, and rarely for something else.
func (b *bitset) has(key uint64) uint64 {
	h := key * wideFactor >> (64 - setBits)
	return b[h/64] >> (h % 64) & 1
}

// chain links entries of one bucket; next is one more than an index, 0 for the end.
type chain struct {
	key           uint64
	literal, next uint16
	// at is where in the literal the window begins.
	at uint8
}

func bucket(key uint64) uint64 { return key * wideFactor >> (64 - bucketBits) }

// table leads from a few bytes of text to the literals that hold them. The set says which
// there are.
type table struct {
	bitset
	heads   [1 << bucketBits]uint16
	entries []chain
}

func (t *table) add(key uint64, literal, at int) {
	t.bitset.add(key)
	head := &t.heads[bucket(key)]
	t.entries = append(t.entries, chain{key, uint16(literal), *head, uint8(at)})
	*head = uint16(len(t.entries))
}
