// Package forecast judges readings over time: whether something runs out, and when,
// and whether something gets worse. It is pure: time comes with the readings.
package forecast
