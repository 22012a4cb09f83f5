package notify

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// FuzzWaiting: whatever lies in the outbox, it is read or dropped and never ends us.
func FuzzWaiting(f *testing.F) {
	f.Add([]byte(`{"way":"w","notices":[{"agent":"a"}],"tries":1}`))
	f.Add([]byte(`{"notices":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "1-1.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := load(path)
		if err != nil {
			return
		}
		n := together(w.Notices)
		_, _, _ = n.Title(), n.Text(), alerts(n)
	})
}

// FuzzDesk: at most so many are told at once, whatever comes when.
func FuzzDesk(f *testing.F) {
	f.Add([]byte{1, 2, 3, 1, 2, 3, 200, 7})
	f.Fuzz(func(t *testing.T, moves []byte) {
		var d desk
		now := time.Unix(0, 0)
		var at []time.Time
		for _, m := range moves {
			now = now.Add(time.Duration(m%32) * time.Second)
			n := Notice{Incident: string('a' + rune(m/32)), Reason: string('a' + rune(m%7)), Diagnosis: &heal.Diagnosis{Fingerprint: string('a' + rune(m%5))}}
			if before, wait := d.judge(now, n); !before && wait.IsZero() {
				at = append(at, now)
			} else if !before && (wait.Before(now) || wait.Sub(now) > groupFor) {
				t.Fatalf("it waits until %s, from %s on", wait, now)
			}
		}
		for i := atOnce; i < len(at); i++ {
			if at[i].Sub(at[i-atOnce]) < groupFor {
				t.Fatalf("%d were told within %s", atOnce+1, at[i].Sub(at[i-atOnce]))
			}
		}
	})
}
