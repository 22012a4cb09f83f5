// Package drill puts a real fault into a running agent, from outside and so that it can be
// taken back, to see whether it is detected, diagnosed and healed under the policy in force.
package drill
