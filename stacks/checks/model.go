package checks

import (
	"maps"
	"slices"
	"strings"
)

const typeNestedStack = "AWS::CloudFormation::Stack"

// model is an assembly, indexed. It is built once a run and not changed, but
// for what it remembers of its own lookups.
type model struct {
	stacks []*stack
	byID   map[string]*stack
	byName map[string]*stack
	byType map[string][]*resource

	fleetOnce *fleet
	rolesOnce map[*resource][]statement
}

// stack is a template with its resources.
type stack struct {
	Stack
	model *model
	// resources by logical ID, and in the order of their IDs.
	resources map[string]*resource
	ordered   []*resource
}

// resource is one entry of a template's Resources.
type resource struct {
	stack *stack
	id    string
	kind  string
	// path of the construct, without a trailing /Resource.
	path string
	body map[string]any
}

func newModel(assembly Assembly) *model {
	m := &model{byID: map[string]*stack{}, byName: map[string]*stack{}, byType: map[string][]*resource{}}
	for _, each := range assembly.Stacks {
		if each.Name == "" {
			each.Name = each.ID
		}
		s := &stack{Stack: each, model: m, resources: map[string]*resource{}}
		m.stacks = append(m.stacks, s)
	}
	slices.SortStableFunc(m.stacks, func(a, b *stack) int { return strings.Compare(a.ID, b.ID) })
	for _, s := range m.stacks {
		m.byID[s.ID], m.byName[s.Name] = s, s
		s.index()
	}
	return m
}

func (s *stack) index() {
	resources, _ := s.Template["Resources"].(map[string]any)
	for _, id := range sortedKeys(resources) {
		body, isMap := resources[id].(map[string]any)
		if !isMap {
			continue
		}
		kind, _ := body["Type"].(string)
		r := &resource{stack: s, id: id, kind: kind, body: body}
		r.path = r.constructPath()
		s.resources[id] = r
		s.ordered = append(s.ordered, r)
		s.model.byType[kind] = append(s.model.byType[kind], r)
	}
}

func (r *resource) constructPath() string {
	path, known := r.at("Metadata", "aws:cdk:path").raw.(string)
	if !known {
		path = r.stack.Paths[r.id]
	}
	if path == "" {
		path = r.stack.ID + "/" + r.id
	}
	return strings.TrimSuffix(path, "/Resource")
}

// at is a part of the resource beside its properties, such as DeletionPolicy.
func (r *resource) at(keys ...string) value {
	return value{r.stack, r.body}.at(keys...)
}

// prop is a property.
func (r *resource) prop(keys ...string) value {
	return r.at("Properties").at(keys...)
}

// section is a part of the template beside its resources, such as Outputs.
func (s *stack) section(name string) value {
	return value{s, s.Template}.at(name)
}

// all are the resources of some types, stack by stack in the order of their IDs.
func (m *model) all(kinds ...string) []*resource {
	if len(kinds) == 1 {
		return m.byType[kinds[0]]
	}
	var found []*resource
	for _, s := range m.stacks {
		for _, r := range s.ordered {
			if slices.Contains(kinds, r.kind) {
				found = append(found, r)
			}
		}
	}
	return found
}

// every visits all resources.
func (m *model) every(do func(r *resource)) {
	for _, s := range m.stacks {
		for _, r := range s.ordered {
			do(r)
		}
	}
}

func sortedKeys[V any](from map[string]V) []string { return slices.Sorted(maps.Keys(from)) }
