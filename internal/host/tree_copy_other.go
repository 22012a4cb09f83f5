//go:build !linux

package host

import (
	"errors"
	"os"
)

// Clone is not known here.
func Clone(_, _ *os.File) error { return errors.New("cannot clone file: not known on this system") }

// Exchange is not known here.
func Exchange(*os.File, string, string) error {
	return errors.New("cannot exchange files: not known on this system")
}
