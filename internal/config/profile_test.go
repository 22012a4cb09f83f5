package config

import (
	"testing"
	"time"
)

// TestTheBlockComesBeforeItsProfile: attributes and blocks of the agent win, the rest of the profile stays.
func TestTheBlockComesBeforeItsProfile(t *testing.T) {
	a := agentOf(t, `command = ["claude"]
  profile = "claude-code"
  stop {
    grace = "99s"
  }
  heal {
    verify_for = "7s"
  }
  detect "session" {
    model_timeout = "5m"
  }
  detect "leak" {}`)
	if a.Stop.Grace != 99*time.Second || a.Stop.Signal != "SIGINT" {
		t.Errorf("stop is %+v, want the own grace and the signal of the profile", a.Stop)
	}
	if a.Heal.VerifyFor != 7*time.Second || a.Heal.GiveUpAfter != 12*time.Hour {
		t.Errorf("heal is %s and %s", a.Heal.VerifyFor, a.Heal.GiveUpAfter)
	}
	if len(a.Detects) != 2 || a.Resume == nil || len(a.Credentials) != 1 {
		t.Errorf("detects %+v, resume %v, credentials %q", a.Detects, a.Resume, a.Credentials)
	}
	b := agentOf(t, "command = [\"claude\"]\n  profile = \"claude-code\"")
	if b.Heal.VerifyFor != 30*time.Second || len(b.Detects) != 1 {
		t.Errorf("another agent got %s and %d detectors", b.Heal.VerifyFor, len(b.Detects))
	}
}
