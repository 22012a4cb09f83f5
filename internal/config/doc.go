// Package config reads the policy of the operator, one HCL file or a directory of
// them, into plain values. Every mistake is reported with file, line and remedy;
// nothing is taken from a policy that has one.
//
// The bodies of detect blocks stay undecoded here: each detector kind decodes its
// own with Fields, so that adding a kind touches one folder.
package config
