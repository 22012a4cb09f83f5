// Package ledger is what the journal amounts to: desired states, holds, budgets,
// remembered failures and learned patterns. It is a fold: Apply takes one event
// after the other, live and on replay alike, so a restart continues exactly
// where the last run ended. Nothing else changes a ledger.
package ledger
