// Package cgroup makes the cgroups of runs, and holds runs inside limits.
package cgroup
