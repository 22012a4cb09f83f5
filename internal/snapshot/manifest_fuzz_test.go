package snapshot

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzManifest: a manifest that is accepted names nothing that leads out of its tree.
func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`{"number":1,"trees":[{"path":"/x","entries":[{"name":"."},{"name":"a/b"}]}]}`, `{"trees":[{"path":"/x","entries":[{"name":"../y"}]}]}`,
		`{"trees":[{"path":"/x","entries":[{"name":"/etc/passwd"}]}]}`, `{"trees":[{"path":"x","entries":[{"name":"a//../../b"}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m Manifest
		if json.Unmarshal(text, &m) != nil || m.check() != nil {
			return
		}
		for _, tree := range m.Trees {
			for _, e := range tree.Entries {
				inside := filepath.Join("/tree", e.Name)
				if inside != "/tree" && !strings.HasPrefix(inside, "/tree/") {
					t.Errorf("%q leads to %s", e.Name, inside)
				}
			}
		}
	})
}
