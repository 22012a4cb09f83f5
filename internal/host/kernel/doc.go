// Package kernel reads clocks, limits and credentials of the kernel, and asks it for what
// belongs to no process or file: descriptors, pages, signals by name.
package kernel
