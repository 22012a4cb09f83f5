package cgroup

import "testing"

func TestRunsNeverGetTheWholeCeiling(t *testing.T) {
	for _, c := range []struct{ ceiling, used, want int64 }{
		{32768, 0, 32512}, {32768, 4000, 28512}, {4915, 20, 4639}, {100, 10, 66}, {60, 10, 26}, {30, 10, 7}, {4, 3, 1}, {1, 1, 1},
	} {
		if got := poolOf(c.ceiling, c.used); got != c.want {
			t.Errorf("of %d with %d in use: %d, not %d", c.ceiling, c.used, got, c.want)
		}
	}
}
