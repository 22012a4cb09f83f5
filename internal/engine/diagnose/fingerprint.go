package diagnose

import (
	"crypto/sha256"
	"encoding/hex"

	"healer-sidecar/internal/heal"
)

// Generalise names a diagnosis by a template without the words that vary.
func Generalise(d *heal.Diagnosis, template string, exit *heal.Exit) {
	d.Masked, d.Template = d.Template, template
	d.Fingerprint = Fingerprint(d.Type, template, describeExit(exit))
}

// Fingerprint is a stable name for "the same failure again": the template of the telling
// line and how the process ended; without a telling line, the type. A line that is taken
// for another type today is still the same failure.
func Fingerprint(t heal.ErrorType, template, exit string) string {
	if template != "" {
		t = ""
	}
	sum := sha256.Sum256([]byte(string(t) + "\x00" + template + "\x00" + exit))
	return "v1:" + hex.EncodeToString(sum[:6])
}
