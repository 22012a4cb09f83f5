// Package fsys opens, locks, copies and replaces files that others may change at any time.
package fsys
