//go:build !linux

package sampling

import "errors"

// deep reads nothing: this system does not tell.
func (u *Usage) deep(Deep, []int) {}

// LimitHits is not known here.
func LimitHits(int) (float64, error) { return 0, errors.New("cannot read limits: no cgroups") }

// LimitFiles are none.
func LimitFiles(string) []string { return nil }
