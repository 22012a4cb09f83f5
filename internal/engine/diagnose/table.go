package diagnose

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

func (f *filter) holds(window uint32) bool {
	h := window * hashFactor >> (32 - filterBits)
	return f[h/64]&(1<<(h%64)) != 0
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

// chains is a table from a few bytes of text to the literals that hold them.
type chains struct {
	heads   [1 << bucketBits]uint16
	entries []chain
}

func bucket(key uint64) uint64 { return key * wideFactor >> (64 - bucketBits) }

func (c *chains) add(key uint64, literal, at int) {
	head := &c.heads[bucket(key)]
	c.entries = append(c.entries, chain{key, uint16(literal), *head, uint8(at)})
	*head = uint16(len(c.entries))
}

// table is chains with a set before them.
type table struct {
	bitset
	chains
}

func (t *table) add(key uint64, literal, at int) {
	t.bitset.add(key)
	t.chains.add(key, literal, at)
}
