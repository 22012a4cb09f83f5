//go:build !linux

package netblock

import "errors"

// Within does something in a network namespace, of which there are none here.
func Within(namespace string, do func()) error {
	if namespace != "" {
		return errors.New("cannot enter a network namespace: this needs Linux")
	}
	do()
	return nil
}
