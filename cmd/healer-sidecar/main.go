// Command healer-sidecar keeps autonomous agents and other flaky programs alive
// and useful.
package main

import "os"

func main() {
	os.Exit(execute(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
