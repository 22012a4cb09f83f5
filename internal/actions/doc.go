// Package actions carries attempts out. A strategy is one file with one function
// and one row in kinds.go; commands of people are rows too. An action says what
// it did and what is in force; whether it helped is for the engine to find out.
package actions
