// Package probe asks targets whether they are well.
package probe
