// Package supervisor owns the processes of the agents. It starts a run, ends a
// whole tree, freezes and limits it, and reports every start and end as a fact.
//
// It has no policy of its own: nothing is ever started but on command. One
// goroutine owns one agent (unit.go); what an event does in a state is a table
// (table.go). A run is started only when the set of the run before is proven
// empty.
package supervisor
