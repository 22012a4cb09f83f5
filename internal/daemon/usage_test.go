package daemon

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

// A busy agent fills neither the journal nor the memory, and nothing of what it uses is lost.
func TestUsageIsGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []heal.Usage
		till := newTill(t.Context(), func(_ context.Context, m engine.Message) { told = append(told, m.(engine.Used).Usage) })
		for i := range 1000 {
			u := heal.Usage{Run: "a-1", Source: heal.UsageTelemetry, Model: []string{"m", "n"}[i%2], Cost: 0.5, Marks: map[string]float64{"s": float64(i)}}
			till.add("a", u)
		}
		time.Sleep(tellUsage)
		synctest.Wait()
		if len(told) != 2 || told[0].Cost != 250 || told[1].Cost != 250 || told[1].Marks["s"] != 999 {
			t.Fatalf("told %+v", told)
		}
		till.add("a", heal.Usage{Cost: 1})
		time.Sleep(tellUsage)
		synctest.Wait()
		if len(told) != 3 || told[2].Cost != 1 {
			t.Errorf("then told %+v", told[2:])
		}
	})
}
