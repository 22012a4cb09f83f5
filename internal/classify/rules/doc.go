// Package rules is the built-in knowledge of how common runtimes, libraries and services word
// their failures: a table for each error type, one row for each rule.
package rules
