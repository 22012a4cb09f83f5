// Package launch knows how commands are called: the name of what one runs, and why one cannot run.
package launch
