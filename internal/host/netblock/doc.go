// Package netblock takes a run off the network and gives it back.
package netblock
