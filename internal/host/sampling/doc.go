// Package sampling reads what processes use, and what the host is short of.
package sampling
