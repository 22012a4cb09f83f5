// Package learn holds what experience says about failures and remedies: how failures of
// a kind usually behave (archetypes), what was verified about each fingerprint, and what
// follows for the chance that a remedy works now. The package is pure; what it knows is a
// fold of lessons. Formulas and constants: docs/design/0007-judgement.md.
package learn
