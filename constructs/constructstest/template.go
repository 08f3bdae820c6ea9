package constructstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"
)

// Document is a synthesised template. The embedded Template is the CDK's own,
// for HasResourceProperties and its matchers; the methods here read the same
// template without a call into the kernel.
type Document struct {
	assertions.Template
	resources map[string]Resource
}

// Resource is one entry of a template's Resources.
type Resource struct {
	// ID is the logical ID.
	ID             string         `json:"-"`
	Type           string         `json:"Type"`
	Properties     map[string]any `json:"Properties"`
	DependsOn      []string       `json:"DependsOn"`
	DeletionPolicy string         `json:"DeletionPolicy"`
	UpdatePolicy   map[string]any `json:"UpdatePolicy"`
	Metadata       map[string]any `json:"Metadata"`
}

// Template synthesises the app of a stack, once: nothing can be added to the
// app afterwards.
func Template(t testing.TB, stack awscdk.Stack) Document {
	t.Helper()
	template := assertions.Template_FromStack(stack, nil)
	raw, err := json.Marshal(template.ToJSON())
	require.NoError(t, err)
	var content struct {
		Resources map[string]Resource `json:"Resources"`
	}
	require.NoError(t, json.Unmarshal(raw, &content))
	for id, resource := range content.Resources {
		resource.ID = id
		content.Resources[id] = resource
	}
	return Document{Template: template, resources: content.Resources}
}

// All returns the resources of a type, ordered by logical ID.
func (d Document) All(kind string) []Resource {
	var found []Resource
	for _, id := range slices.Sorted(maps.Keys(d.resources)) {
		if d.resources[id].Type == kind {
			found = append(found, d.resources[id])
		}
	}
	return found
}

// One returns the only resource of a type, and fails the test if there is none or another.
func (d Document) One(t testing.TB, kind string) Resource {
	t.Helper()
	found := d.All(kind)
	require.Len(t, found, 1, kind)
	return found[0]
}

// Get returns the resource with a logical ID.
func (d Document) Get(t testing.TB, id string) Resource {
	t.Helper()
	require.Contains(t, d.resources, id)
	return d.resources[id]
}

// Text returns the JSON of a part of the template, for what only needs to be
// somewhere inside it, such as a line of user data.
func Text(t testing.TB, part any) string {
	t.Helper()
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(part))
	return strings.TrimSpace(out.String())
}

// At walks into nested maps and lists: a string is a key, an int an index. It
// fails the test where the path leads nowhere.
func At(t testing.TB, part any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			object, isObject := part.(map[string]any)
			require.True(t, isObject, "%v: not an object before %q in %s", path[:i], step, Text(t, part))
			require.Contains(t, object, step, "%v", path[:i])
			part = object[step]
		case int:
			list, isList := part.([]any)
			require.True(t, isList, "%v: not a list before %d in %s", path[:i], step, Text(t, part))
			require.Less(t, step, len(list), "%v", path[:i])
			part = list[step]
		default:
			require.Failf(t, "path step is neither string nor int", "%v", step)
		}
	}
	return part
}
