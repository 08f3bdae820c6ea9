package cloudassembly

import (
	"maps"
	"slices"
	"strings"
)

const (
	typeNestedStack = "AWS::CloudFormation::Stack"
	typeQueue       = "AWS::SQS::Queue"
)

// Index is an assembly in which resources are found and references followed. It
// is not changed once it is made.
type Index struct {
	// Stacks in the order of their IDs.
	Stacks []*IndexedStack
	// ByID and ByName find a stack; ByName by its name in CloudFormation.
	ByID   map[string]*IndexedStack
	ByName map[string]*IndexedStack
	// ByType finds resources, stack by stack in the order of their IDs.
	ByType map[string][]*Resource
}

// IndexedStack is a stack with its resources.
type IndexedStack struct {
	Stack
	index *Index
	// anonymous is whether its name in CloudFormation is not known.
	anonymous bool
	// Resources by logical ID, and in the order of their IDs.
	Resources map[string]*Resource
	Ordered   []*Resource
}

// Resource is one entry of a template's Resources.
type Resource struct {
	Stack *IndexedStack
	// ID is the logical one in the template; Type is such as AWS::SQS::Queue.
	ID, Type string
	// Path of the construct, without a trailing /Resource.
	Path string
	// Body is the whole entry, properties and all.
	Body map[string]any
}

// New indexes an assembly.
func New(assembly Assembly) *Index {
	m := &Index{ByID: map[string]*IndexedStack{}, ByName: map[string]*IndexedStack{}, ByType: map[string][]*Resource{}}
	for _, each := range assembly.Stacks {
		anonymous := each.Name == ""
		if anonymous {
			each.Name = each.ID
		}
		s := &IndexedStack{Stack: each, index: m, anonymous: anonymous, Resources: map[string]*Resource{}}
		m.Stacks = append(m.Stacks, s)
	}
	slices.SortStableFunc(m.Stacks, func(a, b *IndexedStack) int { return strings.Compare(a.ID, b.ID) })
	for _, s := range m.Stacks {
		m.ByID[s.ID], m.ByName[s.Name] = s, s
		s.indexResources()
	}
	return m
}

func (s *IndexedStack) indexResources() {
	resources, _ := s.Template["Resources"].(map[string]any)
	for _, id := range sortedKeys(resources) {
		body, isMap := resources[id].(map[string]any)
		if !isMap {
			continue
		}
		kind, _ := body["Type"].(string)
		r := &Resource{Stack: s, ID: id, Type: kind, Body: body}
		r.Path = r.constructPath()
		s.Resources[id] = r
		s.Ordered = append(s.Ordered, r)
		s.index.ByType[kind] = append(s.index.ByType[kind], r)
	}
}

func (r *Resource) constructPath() string {
	path, known := r.At("Metadata", "aws:cdk:path").Raw.(string)
	if !known {
		path = r.Stack.Paths[r.ID]
	}
	if path == "" {
		path = r.Stack.ID + "/" + r.ID
	}
	return strings.TrimSuffix(path, "/Resource")
}

// At is a part of the resource beside its properties, such as DeletionPolicy.
func (r *Resource) At(keys ...string) Value {
	return Value{r.Stack, r.Body}.At(keys...)
}

// Prop is a property.
func (r *Resource) Prop(keys ...string) Value {
	return r.At("Properties").At(keys...)
}

// Section is a part of the template beside its resources, such as Outputs.
func (s *IndexedStack) Section(name string) Value {
	return Value{s, s.Template}.At(name)
}

// All are the resources of some types, stack by stack in the order of their IDs.
func (m *Index) All(kinds ...string) []*Resource {
	if len(kinds) == 1 {
		return m.ByType[kinds[0]]
	}
	var found []*Resource
	for _, s := range m.Stacks {
		for _, r := range s.Ordered {
			if slices.Contains(kinds, r.Type) {
				found = append(found, r)
			}
		}
	}
	return found
}

// Every visits all resources.
func (m *Index) Every(do func(r *Resource)) {
	for _, s := range m.Stacks {
		for _, r := range s.Ordered {
			do(r)
		}
	}
}

func sortedKeys[V any](from map[string]V) []string { return slices.Sorted(maps.Keys(from)) }
