package fsys

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestAHungDiskIsAskedNothingMore until what was asked of it has ended.
func TestAHungDiskIsAskedNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, hang, late := &Disk{}, make(chan struct{}), 0
		begun := time.Now()
		_, err := Ask(d, func() (int, error) { <-hang; return 7, nil }, func(v int) { late = v })
		if !errors.Is(err, ErrHung) || time.Since(begun) != askFor {
			t.Fatalf("%v after %s", err, time.Since(begun))
		}
		if _, err := Ask(d, func() (int, error) { t.Error("it was asked"); return 0, nil }, nil); !errors.Is(err, ErrHung) {
			t.Error(err)
		}
		if time.Since(begun) != askFor {
			t.Error("the second one waited")
		}
		close(hang)
		synctest.Wait()
		if v, err := Ask(d, func() (int, error) { return 8, nil }, nil); v != 8 || err != nil || late != 7 {
			t.Errorf("%d, %v, late %d", v, err, late)
		}
	})
}

func TestAPatientOneDoesOneThingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, hang := Patient{Within: time.Second}, make(chan struct{})
		if !p.Do(func() {}) {
			t.Error("what ends at once did not")
		}
		if p.Do(func() { <-hang }) || p.Do(func() { t.Error("begun beside another") }) || p.Free() {
			t.Error("it does not know that it hangs")
		}
		close(hang)
		synctest.Wait()
		if !p.Free() || !p.Do(func() {}) {
			t.Error("it does not go on")
		}
	})
}
