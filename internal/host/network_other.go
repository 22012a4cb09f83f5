//go:build !linux

package host

import "errors"

// within does something in a network namespace, of which there are none here.
func within(namespace string, do func()) error {
	if namespace != "" {
		return errors.New("cannot enter a network namespace: this needs Linux")
	}
	do()
	return nil
}
