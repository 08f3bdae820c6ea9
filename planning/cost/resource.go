package cost

import (
	"slices"
	"strconv"
	"strings"

	"tandem/cloudassembly"
)

// Resource is one resource of a template.
type Resource struct {
	*cloudassembly.Resource
	// Properties as the template has them, intrinsic functions included.
	Properties map[string]any

	assembly *Assembly
}

// Name is how a resource is called in reports.
func (r *Resource) Name() string { return r.Stack.ID + "/" + r.ID }

// Tier is what its tag says it serves: request, jobs, models, events or shared.
// What carries no tag is shared.
func (r *Resource) Tier() string {
	if tier := r.tag("tier"); tier != "" {
		return tier
	}
	return "shared"
}

func (r *Resource) tag(key string) string {
	for _, tag := range list(r.Properties["Tags"]) {
		if text(tag, "Key") == key {
			return text(tag, "Value")
		}
	}
	return ""
}

// at walks down maps and lists; nil where there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[step]
		case int:
			l, _ := value.([]any)
			if step >= len(l) {
				return nil
			}
			value = l[step]
		}
	}
	return value
}

func list(value any) []any { l, _ := value.([]any); return l }

func text(value any, path ...any) string { s, _ := at(value, path...).(string); return s }

// number is a number that the template may hold as text too.
func number(value any, path ...any) (float64, bool) {
	switch value := at(value, path...).(type) {
	case float64:
		return value, true
	case string:
		n, err := strconv.ParseFloat(value, 64)
		return n, err == nil
	}
	return 0, false
}

func numberOr(fallback float64, value any, path ...any) float64 {
	if n, found := number(value, path...); found {
		return n
	}
	return fallback
}

// target is the resource that a value refers to by Ref, Fn::GetAtt or, in
// another stack, Fn::GetStackOutput; nil where it refers to none.
func (r *Resource) target(raw any) *Resource {
	return r.assembly.known[cloudassembly.Value{Stack: r.Stack, Raw: raw}.Target()]
}

// mentions is whether a value refers to a resource anywhere in its depths.
func (r *Resource) mentions(raw any, other *Resource) bool {
	return slices.Contains(cloudassembly.Value{Stack: r.Stack, Raw: raw}.Refs(), other.Resource)
}

// environment of a container of a task definition, by name; only plain text.
func environment(container any) map[string]string {
	values := map[string]string{}
	for _, entry := range list(at(container, "Environment")) {
		values[text(entry, "Name")] = text(entry, "Value")
	}
	return values
}

// pascal turns document-analyser into DocumentAnalyser, as logical ids have it.
func pascal(name string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return out.String()
}
