package assembly

import (
	"maps"
	"slices"
	"strings"
)

// drop leaves out all resources of the unsupported types, and, until nothing
// more changes, what cannot live without what was left out: a resource one of
// whose properties is nothing but the missing thing, an output, and whatever
// takes such an output in another stack.
func (a *Assembly) drop(unsupported map[string]string) []Change {
	d := &dropper{
		missing: &missing{resources: map[string]map[string]string{}, outputs: map[string]map[string]bool{}, exports: map[string]bool{}},
		altered: map[string]map[string][]string{},
	}
	for _, stack := range a.Stacks {
		d.missing.resources[stack.ID] = map[string]string{}
		d.missing.outputs[stack.Name] = map[string]bool{}
		d.altered[stack.ID] = map[string][]string{}
		for logicalID, resource := range stack.Resources() {
			if why, found := unsupported[text(object(resource)["Type"])]; found {
				d.missing.resources[stack.ID][logicalID] = why
			} else if why := unsupportedProperty(object(resource)); why != "" {
				d.missing.resources[stack.ID][logicalID] = why
			}
		}
	}
	for d.again = true; d.again; {
		d.again = false
		for _, stack := range a.Stacks {
			d.resources(stack)
			d.outputs(stack)
		}
	}
	return d.remove(a)
}

// unsupportedProperty says why the emulator refuses a resource whose type it knows.
func unsupportedProperty(resource map[string]any) string {
	if _, found := object(resource["Properties"])["Metrics"]; found && text(resource["Type"]) == "AWS::CloudWatch::Alarm" {
		return "the emulator's alarms have no metric math"
	}
	return ""
}

type dropper struct {
	missing *missing
	// altered properties by stack id and logical id.
	altered map[string]map[string][]string
	changes []Change
	again   bool
}

func (d *dropper) resources(stack *Stack) {
	for _, logicalID := range sortedKeys(stack.Resources()) {
		if _, gone := d.missing.resources[stack.ID][logicalID]; gone {
			continue
		}
		if needed := d.prune(stack, logicalID); needed != "" {
			d.missing.resources[stack.ID][logicalID] = "needs " + needed
			d.again = true
		}
	}
}

// prune takes what is missing out of a resource, or returns what it cannot do without.
func (d *dropper) prune(stack *Stack, logicalID string) string {
	resource := object(stack.Resources()[logicalID])
	properties := object(resource["Properties"])
	for _, name := range sortedKeys(properties) {
		p := &pruner{missing: d.missing, stack: stack}
		pruned, gone := p.property(name, properties[name])
		if gone {
			return p.named
		}
		if p.named != "" {
			properties[name] = pruned
			d.altered[stack.ID][logicalID] = append(d.altered[stack.ID][logicalID], name)
		}
	}
	return ""
}

// property prunes a property; a function's variables keep their names.
func (p *pruner) property(name string, value any) (any, bool) {
	if variables := object(object(value)["Variables"]); name == "Environment" && variables != nil {
		environment := maps.Clone(object(value))
		environment["Variables"] = p.environment(variables)
		return environment, false
	}
	return p.value(value)
}

func (d *dropper) outputs(stack *Stack) {
	outputs := object(stack.Template["Outputs"])
	for _, name := range sortedKeys(outputs) {
		output := object(outputs[name])
		p := &pruner{missing: d.missing, stack: stack}
		if _, gone := p.value(output["Value"]); !gone && p.named == "" {
			continue
		}
		delete(outputs, name)
		d.missing.outputs[stack.Name][name] = true
		if export := text(object(output["Export"])["Name"]); export != "" {
			d.missing.exports[export] = true
		}
		d.changes = append(d.changes, Change{Dropped, stack.ID, "Output", name, "needs " + p.named})
		d.again = true
	}
}

// remove takes the resources out at last: until then their paths are needed.
func (d *dropper) remove(a *Assembly) []Change {
	for _, stack := range a.Stacks {
		resources := stack.Resources()
		for logicalID, why := range d.missing.resources[stack.ID] {
			d.changes = append(d.changes, Change{Dropped, stack.ID, text(object(resources[logicalID])["Type"]), stack.Path(logicalID), why})
		}
		for logicalID, names := range d.altered[stack.ID] {
			if _, gone := d.missing.resources[stack.ID][logicalID]; gone {
				continue
			}
			slices.Sort(names)
			d.changes = append(d.changes, Change{Altered, stack.ID, text(object(resources[logicalID])["Type"]), stack.Path(logicalID),
				strings.Join(slices.Compact(names), ", ") + " without what is dropped"})
		}
		for logicalID := range d.missing.resources[stack.ID] {
			delete(resources, logicalID)
		}
		for _, resource := range resources {
			withoutDependencies(object(resource), d.missing.resources[stack.ID])
		}
	}
	return d.changes
}

func withoutDependencies(resource map[string]any, dropped map[string]string) {
	switch dependencies := resource["DependsOn"].(type) {
	case string:
		if _, gone := dropped[dependencies]; gone {
			delete(resource, "DependsOn")
		}
	case []any:
		kept := slices.DeleteFunc(dependencies, func(name any) bool {
			_, gone := dropped[text(name)]
			return gone
		})
		resource["DependsOn"] = kept
		if len(kept) == 0 {
			delete(resource, "DependsOn")
		}
	}
}
