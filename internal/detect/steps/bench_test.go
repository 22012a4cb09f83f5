package steps

import (
	"fmt"
	"testing"
)

// BenchmarkAdd judges one line of a batch.
func BenchmarkAdd(b *testing.B) {
	var j Judge
	i := 0
	for b.Loop() {
		i++
		j.Add(Line(fmt.Sprintf("2026-11-28T09:00:00Z INFO tool: embed doc_%d chunk 7 ok in 120ms request_id=req-%08x", i, i), 0))
	}
}
