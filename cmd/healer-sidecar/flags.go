package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
)

// number is a flag that holds a whole number within bounds.
type number struct {
	into        *int
	least, most int
}

// numberFlag adds a flag for a number from least to most; value is its default.
func numberFlag(cmd *cobra.Command, into *int, name, short string, value, least, most int, usage string) {
	*into = value
	cmd.Flags().VarP(&number{into, least, most}, name, short, usage)
}

func (n *number) String() string { return strconv.Itoa(*n.into) }
func (n *number) Type() string   { return "number" }

func (n *number) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < n.least || v > n.most {
		return fmt.Errorf("want a whole number from %d to %d", n.least, n.most)
	}
	*n.into = v
	return nil
}

// span is a flag that holds a time within bounds.
type span struct {
	into        *time.Duration
	least, most time.Duration
}

// mostTime bounds every time that a flag may name.
const mostTime = 10 * 365 * 24 * time.Hour

// timeFlag adds a flag for a time of at least least; value is its default.
func timeFlag(cmd *cobra.Command, into *time.Duration, name string, value, least time.Duration, usage string) {
	*into = value
	cmd.Flags().Var(&span{into, least, mostTime}, name, usage)
}

func (s *span) String() string { return s.into.String() }
func (s *span) Type() string   { return "duration" }

func (s *span) Set(text string) error {
	v, err := config.ParseDuration(text)
	if text == "0" {
		v, err = 0, nil
	}
	if err != nil || v < s.least || v > s.most {
		return fmt.Errorf("want a time of at least %s with a unit, as in 90s, 5m or 2h", s.least)
	}
	*s.into = v
	return nil
}
