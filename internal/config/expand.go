package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"healer-sidecar/internal/config/bodies"
)

// expansion turns the agent blocks of a policy into one block for each agent: with the defaults
// of the policy, and as many of one as its count says.
type expansion struct {
	defaults *hclsyntax.Body
	// instances are the names of the agents that a block with a count stands for.
	instances map[string][]string
	total     int
}

// takeDefaults reads the defaults block; a policy may have one.
func takeDefaults(blocks hcl.Blocks) (*expansion, hcl.Diagnostics) {
	e := &expansion{instances: map[string][]string{}}
	var diags hcl.Diagnostics
	for i, b := range blocks.OfType("defaults") {
		body, ok := b.Body.(*hclsyntax.Body)
		if i > 0 {
			diags = append(diags, Problem(b.DefRange, "defaults is given twice", "merge the two blocks"))
			continue
		}
		for _, name := range []string{"command", "count"} {
			if a := body.Attributes[name]; ok && a != nil {
				diags = append(diags, Problem(a.Range(), name+" is no default", "write it in each agent"))
				body = bodies.Without(body, name)
			}
		}
		e.defaults = body
	}
	return e, diags
}

// blocks are those of the policy, with each agent in one of its own.
func (e *expansion) blocks(f *Fields) hcl.Blocks {
	var all hcl.Blocks
	for _, b := range f.Blocks {
		switch b.Type {
		case "defaults":
		case "agent":
			agents, diags := e.agents(b)
			all, f.Diags = append(all, agents...), append(f.Diags, diags...)
		default:
			all = append(all, b)
		}
	}
	return all
}

// agents are the blocks of the agents that one block means.
func (e *expansion) agents(b *hcl.Block) ([]*hcl.Block, hcl.Diagnostics) {
	body, ok := b.Body.(*hclsyntax.Body)
	if !ok {
		return []*hcl.Block{b}, nil
	}
	name, count := b.Labels[0], 0
	counted := body.Attributes["count"]
	if counted != nil {
		f := Fields{attrs: hcl.Attributes{"count": counted.AsHCLAttribute()}, where: b.DefRange}
		f.Count("count", 1, maxAgents, &count)
		if f.Diags.HasErrors() {
			return nil, f.Diags
		}
		body = bodies.Without(body, "count")
	}
	if e.defaults != nil {
		body = bodies.Merge(body, e.defaults)
	}
	if counted == nil {
		return []*hcl.Block{agentBlock(b, name, body, nil)}, nil
	}
	if e.total += count; e.total > maxAgents {
		return nil, hcl.Diagnostics{tooLarge(counted.Range(), fmt.Sprintf("%d agents", maxAgents))}
	}
	var all []*hcl.Block
	for i := 1; i <= count; i++ {
		instance := fmt.Sprintf("%s-%d", name, i)
		e.instances[name] = append(e.instances[name], instance)
		all = append(all, agentBlock(b, instance, body, map[string]cty.Value{"instance": cty.NumberIntVal(int64(i))}))
	}
	return all, nil
}

// agentBlock is the block of one agent, in which variables have their values.
func agentBlock(b *hcl.Block, name string, body *hclsyntax.Body, variables map[string]cty.Value) *hcl.Block {
	all := map[string]cty.Value{"agent": cty.StringVal(name)}
	for k, v := range variables {
		all[k] = v
	}
	one := *b
	one.Labels, one.Body = []string{name}, bodies.Bind(body, all)
	return &one
}

// depends puts the agents of a block with a count where its name stands.
func (e *expansion) depends(agents []Agent) {
	for i := range agents {
		var names []string
		for _, name := range agents[i].Heal.DependsOn {
			names = append(names, slices.Concat(e.instances[name], single(name, len(e.instances[name]) == 0))...)
		}
		agents[i].Heal.DependsOn = names
	}
}

// once are the problems without those that every agent has from the same place.
func once(diags hcl.Diagnostics) hcl.Diagnostics {
	seen := map[string]bool{}
	return slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		if d.Subject == nil {
			return false
		}
		key := d.Subject.String() + d.Summary
		was := seen[key]
		seen[key] = true
		return was
	})
}

func single(name string, is bool) []string {
	if is {
		return []string{name}
	}
	return nil
}
