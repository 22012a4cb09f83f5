//go:build !linux

package host

// DieFirst has no meaning here.
func DieFirst(int) error { return nil }
