package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"healer-sidecar/internal/config/bodies"
	"healer-sidecar/internal/profiles"
)

// withProfile adds to an agent block what the profile holds that it names. What the block says itself comes
// first, attribute by attribute.
func withProfile(body hcl.Body) (hcl.Body, hcl.Diagnostics) {
	native, ok := body.(*hclsyntax.Body)
	if !ok || native.Attributes["profile"] == nil {
		return body, nil
	}
	attr := native.Attributes["profile"]
	own := bodies.Without(native, "profile")
	f := &Fields{attrs: hcl.Attributes{"profile": attr.AsHCLAttribute()}}
	name := ""
	if f.Choice("profile", profiles.Names(), &name); name == "" {
		return own, f.Diags
	}
	text, _ := profiles.Text(name)
	file, diags := hclsyntax.ParseConfig([]byte(text), "profile "+name, hcl.InitialPos)
	base, ok := file.Body.(*hclsyntax.Body)
	if diags.HasErrors() || !ok {
		return own, append(diags, Problem(attr.Range(), fmt.Sprintf("cannot read profile %q", name), "report this as a fault of the sidecar"))
	}
	return bodies.Merge(own, base), nil
}
