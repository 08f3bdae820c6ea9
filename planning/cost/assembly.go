package cost

import (
	"fmt"
	"io/fs"

	"tandem/cloudassembly"
)

// Assembly is the templates of one environment.
type Assembly struct {
	// Name of the environment, from the resources' tags; empty where they have none.
	Name string
	// Region that the stacks are for; us-east-1 where the assembly leaves it open.
	Region string
	// Resources of all stacks, by stack and then by logical id.
	Resources []*Resource

	files fs.FS
	known map[*cloudassembly.Resource]*Resource
}

// Read reads a cloud assembly, or a folder that holds nothing but templates:
// *.template.json, or *.snap.json as snapshots are called.
func Read(files fs.FS) (*Assembly, error) {
	read, err := cloudassembly.Load(files)
	if err != nil {
		return nil, err
	}
	a := &Assembly{Region: "us-east-1", files: files, known: map[*cloudassembly.Resource]*Resource{}}
	for _, stack := range cloudassembly.New(read).Stacks {
		if err := a.add(stack); err != nil {
			return nil, fmt.Errorf("reading the template of %s: %w", stack.ID, err)
		}
	}
	return a, nil
}

func (a *Assembly) add(stack *cloudassembly.IndexedStack) error {
	if stack.Region != "" {
		a.Region = stack.Region
	}
	for _, id := range stack.Section("Resources").Keys() {
		if stack.Resources[id] == nil {
			return fmt.Errorf("resource %s is no resource", id)
		}
	}
	for _, one := range stack.Ordered {
		if one.Type == "" {
			return fmt.Errorf("resource %s has no type", one.ID)
		}
		properties, _ := one.Body["Properties"].(map[string]any)
		resource := &Resource{Resource: one, Properties: properties, assembly: a}
		a.Resources = append(a.Resources, resource)
		a.known[one] = resource
		if environment := resource.tag("environment"); environment != "" {
			a.Name = environment
		}
	}
	return nil
}

// ofType lists the resources of a type.
func (a *Assembly) ofType(name string) []*Resource {
	var found []*Resource
	for _, resource := range a.Resources {
		if resource.Type == name {
			found = append(found, resource)
		}
	}
	return found
}
