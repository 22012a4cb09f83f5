// Package follow reads files that somebody else writes, renames, truncates and
// replaces, line by line and without losing one. It never holds the writer up.
package follow
