package ledger

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// returnWithin is how soon a failure must come back for its last recovery not to count as healed: the
// window in which a failure is called recurring (design, section 5).
const returnWithin = time.Hour

// maxReturns bounds how many failures of one agent are counted.
const maxReturns = 64

// Return counts how often one failure came back after a recovery.
type Return struct {
	Fingerprint string `json:"fingerprint"`
	// Healed is when it was last called recovered; zero once it has come back.
	Healed time.Time `json:"healed,omitzero"`
	Count  int       `json:"count,omitempty"`
}

// Returned is how often a failure came back within the hour after a recovery.
func (a *Agent) Returned(fingerprint string) int {
	i := a.returnOf(fingerprint)
	if i < 0 {
		return 0
	}
	return a.Returns[i].Count
}

// returnOf is the place of a failure in Returns; negative for none.
func (a *Agent) returnOf(fingerprint string) int {
	return slices.IndexFunc(a.Returns, func(r Return) bool { return r.Fingerprint == fingerprint })
}

// recovered notes that a failure was called recovered.
func (a *Agent) recovered(fingerprint string, at heal.Stamp) {
	r := Return{Fingerprint: fingerprint}
	if i := a.returnOf(fingerprint); i >= 0 {
		r = a.Returns[i]
		a.Returns = slices.Delete(a.Returns, i, i+1)
	}
	r.Healed = at.Wall
	a.Returns = keepLast(append(a.Returns, r), maxReturns)
}

// cameBack counts a failure that is seen again soon after its recovery; each recovery is refuted once.
func (a *Agent) cameBack(fingerprint string, at heal.Stamp) bool {
	i := a.returnOf(fingerprint)
	if i < 0 || a.Returns[i].Healed.IsZero() || at.Wall.Sub(a.Returns[i].Healed) > returnWithin {
		return false
	}
	a.Returns[i].Healed = time.Time{}
	a.Returns[i].Count++
	return true
}
