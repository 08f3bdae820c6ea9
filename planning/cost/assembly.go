package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Assembly is the templates of one environment.
type Assembly struct {
	// Name of the environment, from the resources' tags; empty where they have none.
	Name string
	// Region that the stacks are for; us-east-1 where the assembly leaves it open.
	Region string
	// Resources of all stacks, by stack and then by logical id.
	Resources []*Resource

	files   fs.FS
	byID    map[string]*Resource
	outputs map[string]output
}

// output is where a stack's output points to.
type output struct {
	stack string
	value any
}

type template struct {
	Resources map[string]*Resource
	Outputs   map[string]struct{ Value any }
}

// manifest is the part of cdk.out/manifest.json that is read here.
type manifest struct {
	Artifacts map[string]struct {
		Type        string `json:"type"`
		Environment string `json:"environment"`
		Properties  struct {
			TemplateFile string `json:"templateFile"`
		} `json:"properties"`
	} `json:"artifacts"`
}

// Read reads a cloud assembly, or a folder that holds nothing but templates:
// *.template.json, or *.snap.json as snapshots are called.
func Read(files fs.FS) (*Assembly, error) {
	a := &Assembly{Region: "us-east-1", files: files, byID: map[string]*Resource{}, outputs: map[string]output{}}
	names, err := a.templates()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := a.read(name); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(a.Resources, func(x, y *Resource) int {
		return strings.Compare(x.Stack+"/"+x.ID, y.Stack+"/"+y.ID)
	})
	return a, nil
}

func (a *Assembly) templates() ([]string, error) {
	raw, err := fs.ReadFile(a.files, "manifest.json")
	if err == nil {
		return a.fromManifest(raw)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the assembly: %w", err)
	}
	var names []string
	for _, pattern := range []string{"*.template.json", "*.snap.json"} {
		found, err := fs.Glob(a.files, pattern)
		if err != nil {
			return nil, fmt.Errorf("reading the assembly: %w", err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		return nil, errors.New("there are no templates: name a folder that 'cdk synth' has written")
	}
	return names, nil
}

func (a *Assembly) fromManifest(raw []byte) ([]string, error) {
	var read manifest
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, fmt.Errorf("reading manifest.json: %w", err)
	}
	var names []string
	for _, artifact := range read.Artifacts {
		if artifact.Type != "aws:cloudformation:stack" {
			continue
		}
		names = append(names, artifact.Properties.TemplateFile)
		if region := path.Base(artifact.Environment); region != "." && region != "unknown-region" {
			a.Region = region
		}
	}
	if len(names) == 0 {
		return nil, errors.New("manifest.json lists no stacks: synthesise again")
	}
	slices.Sort(names)
	return names, nil
}

func (a *Assembly) read(name string) error {
	raw, err := fs.ReadFile(a.files, name)
	if err != nil {
		return fmt.Errorf("reading a template: %w", err)
	}
	var read template
	if err := json.Unmarshal(raw, &read); err != nil {
		return fmt.Errorf("reading the template %s: %w", name, err)
	}
	stack, _, _ := strings.Cut(name, ".")
	stack, _, _ = strings.Cut(stack, "_")
	for id, resource := range read.Resources {
		if resource == nil {
			return fmt.Errorf("reading the template %s: resource %s is null", name, id)
		}
		resource.Stack, resource.ID, resource.assembly = stack, id, a
		a.Resources = append(a.Resources, resource)
		a.byID[stack+"/"+id] = resource
		if environment := resource.tag("environment"); environment != "" {
			a.Name = environment
		}
	}
	for id, out := range read.Outputs {
		a.outputs[id] = output{stack, out.Value}
	}
	return nil
}
