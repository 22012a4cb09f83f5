// Package steps judges whether an agent gets on: it reads the steps that it
// reports, or the lines that it prints, and finds those that lead nowhere. It is pure.
package steps
