package checks

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// Load reads the folder that a synth wrote: the stacks of its manifest, those
// of assemblies inside it, and nested stacks.
func Load(dir string) (Assembly, error) {
	var assembly Assembly
	if err := assembly.load(dir); err != nil {
		return Assembly{}, fmt.Errorf("reading the templates in %s: %w; synthesise first", dir, err)
	}
	return assembly, nil
}

// manifest is what is needed of manifest.json
// (https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema, version 54, 2026-11-24).
type manifest struct {
	Artifacts map[string]artifact `json:"artifacts"`
}

type artifact struct {
	Type       string `json:"type"`
	Properties struct {
		StackName             string `json:"stackName"`
		TemplateFile          string `json:"templateFile"`
		TerminationProtection bool   `json:"terminationProtection"`
		DirectoryName         string `json:"directoryName"`
	} `json:"properties"`
	// Metadata of constructs by path, with a leading slash; newer CDKs put it
	// into a file of its own.
	Metadata     metadata `json:"metadata"`
	MetadataFile string   `json:"additionalMetadataFile"`
}

type metadata map[string][]struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func (a *Assembly) load(dir string) error {
	var m manifest
	if _, err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return err
	}
	for _, id := range sortedKeys(m.Artifacts) {
		var err error
		switch found := m.Artifacts[id]; found.Type {
		case "cdk:cloud-assembly":
			err = a.load(filepath.Join(dir, found.Properties.DirectoryName))
		case "aws:cloudformation:stack":
			err = a.loadStack(dir, id, found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Assembly) loadStack(dir, id string, from artifact) error {
	stack := Stack{ID: id, Name: from.Properties.StackName, TerminationProtection: from.Properties.TerminationProtection}
	size, err := readJSON(filepath.Join(dir, from.Properties.TemplateFile), &stack.Template)
	if err != nil {
		return err
	}
	stack.Size = size
	if lacksPaths(stack.Template) {
		if stack.Paths, err = paths(dir, from); err != nil {
			return err
		}
	}
	a.Stacks = append(a.Stacks, stack)
	return a.loadNested(dir, stack)
}

// loadNested reads the templates of nested stacks, which are assets.
func (a *Assembly) loadNested(dir string, parent Stack) error {
	resources, _ := parent.Template["Resources"].(map[string]any)
	for _, id := range sortedKeys(resources) {
		body, _ := resources[id].(map[string]any)
		about, _ := body["Metadata"].(map[string]any)
		file, _ := about["aws:asset:path"].(string)
		if body["Type"] != typeNestedStack || file == "" {
			continue
		}
		nested := Stack{ID: parent.ID + "/" + id, Parent: parent.ID, ParentResource: id}
		size, err := readJSON(filepath.Join(dir, file), &nested.Template)
		if err != nil {
			return err
		}
		nested.Size = size
		a.Stacks = append(a.Stacks, nested)
		if err := a.loadNested(dir, nested); err != nil {
			return err
		}
	}
	return nil
}

func lacksPaths(template map[string]any) bool {
	resources, _ := template["Resources"].(map[string]any)
	for _, resource := range resources {
		body, _ := resource.(map[string]any)
		about, _ := body["Metadata"].(map[string]any)
		if _, found := about["aws:cdk:path"]; !found {
			return true
		}
	}
	return false
}

// paths reads which construct wrote which logical ID.
func paths(dir string, from artifact) (map[string]string, error) {
	constructs := metadata{}
	maps.Copy(constructs, from.Metadata)
	if from.MetadataFile != "" {
		if _, err := readJSON(filepath.Join(dir, from.MetadataFile), &constructs); err != nil {
			return nil, err
		}
	}
	found := map[string]string{}
	for path, notes := range constructs {
		for _, note := range notes {
			var id string
			if note.Type == "aws:cdk:logicalId" && json.Unmarshal(note.Data, &id) == nil {
				found[id] = strings.TrimPrefix(path, "/")
			}
		}
	}
	return found, nil
}

func readJSON(file string, target any) (size int, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return len(raw), nil
}
