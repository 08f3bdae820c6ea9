package cloudassembly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Load reads the folder that a synth wrote: the stacks of its manifest, those
// of assemblies inside it, and nested stacks. A folder without a manifest is
// taken for one of templates alone: *.template.json, or *.snap.json as
// snapshots are called. One that names no stack is an error.
func Load(files fs.FS) (Assembly, error) {
	var assembly Assembly
	read, missing := assembly.loadManifest, "manifest.json lists no stacks: synthesise again"
	if _, err := fs.Stat(files, "manifest.json"); errors.Is(err, fs.ErrNotExist) {
		read, missing = assembly.loadTemplates, "there are no templates: name a folder that 'cdk synth' has written"
	}
	err := read(files)
	if err == nil && len(assembly.Stacks) == 0 {
		err = errors.New(missing)
	}
	if err != nil {
		return Assembly{}, fmt.Errorf("reading the cloud assembly: %w", err)
	}
	return assembly, nil
}

func (a *Assembly) loadManifest(files fs.FS) error { return a.load(files, ".") }

// loadTemplates reads templates whose file names begin with their stacks' IDs,
// as in Api.template.json or Api_1.snap.json. Their names in CloudFormation are
// not known.
func (a *Assembly) loadTemplates(files fs.FS) error {
	var names []string
	for _, pattern := range []string{"*.template.json", "*.snap.json"} {
		found, err := fs.Glob(files, pattern)
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	for _, name := range names {
		id, _, _ := strings.Cut(name, ".")
		id, _, _ = strings.Cut(id, "_")
		stack := Stack{ID: id}
		var err error
		if stack.Size, err = readJSON(files, name, &stack.Template); err != nil {
			return err
		}
		a.Stacks = append(a.Stacks, stack)
	}
	return nil
}

// manifest is what is needed of manifest.json
// (https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema, version 54, 2026-11-24).
type manifest struct {
	Artifacts map[string]artifact `json:"artifacts"`
}

type artifact struct {
	Type string `json:"type"`
	// Environment such as aws://unknown-account/us-east-1.
	Environment string `json:"environment"`
	Properties  struct {
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

func (a *Assembly) load(files fs.FS, dir string) error {
	var m manifest
	if _, err := readJSON(files, path.Join(dir, "manifest.json"), &m); err != nil {
		return err
	}
	for _, id := range sortedKeys(m.Artifacts) {
		var err error
		switch found := m.Artifacts[id]; found.Type {
		case "cdk:cloud-assembly":
			err = a.load(files, path.Join(dir, found.Properties.DirectoryName))
		case "aws:cloudformation:stack":
			err = a.loadStack(files, dir, id, found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Assembly) loadStack(files fs.FS, dir, id string, from artifact) error {
	stack := Stack{ID: id, Name: from.Properties.StackName, TerminationProtection: from.Properties.TerminationProtection}
	if region := path.Base(from.Environment); region != "." && region != "unknown-region" {
		stack.Region = region
	}
	size, err := readJSON(files, path.Join(dir, from.Properties.TemplateFile), &stack.Template)
	if err != nil {
		return err
	}
	stack.Size = size
	if lacksPaths(stack.Template) {
		if stack.Paths, err = paths(files, dir, from); err != nil {
			return err
		}
	}
	a.Stacks = append(a.Stacks, stack)
	return a.loadNested(files, dir, stack)
}

// loadNested reads the templates of nested stacks, which are assets.
func (a *Assembly) loadNested(files fs.FS, dir string, parent Stack) error {
	resources, _ := parent.Template["Resources"].(map[string]any)
	for _, id := range sortedKeys(resources) {
		body, _ := resources[id].(map[string]any)
		about, _ := body["Metadata"].(map[string]any)
		file, _ := about["aws:asset:path"].(string)
		if body["Type"] != typeNestedStack || file == "" {
			continue
		}
		nested := Stack{ID: parent.ID + "/" + id, Parent: parent.ID, ParentResource: id, Region: parent.Region}
		size, err := readJSON(files, path.Join(dir, file), &nested.Template)
		if err != nil {
			return err
		}
		nested.Size = size
		a.Stacks = append(a.Stacks, nested)
		if err := a.loadNested(files, dir, nested); err != nil {
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
func paths(files fs.FS, dir string, from artifact) (map[string]string, error) {
	constructs := metadata{}
	maps.Copy(constructs, from.Metadata)
	if from.MetadataFile != "" {
		if _, err := readJSON(files, path.Join(dir, from.MetadataFile), &constructs); err != nil {
			return nil, err
		}
	}
	found := map[string]string{}
	for construct, notes := range constructs {
		for _, note := range notes {
			var id string
			if note.Type == "aws:cdk:logicalId" && json.Unmarshal(note.Data, &id) == nil {
				found[id] = strings.TrimPrefix(construct, "/")
			}
		}
	}
	return found, nil
}

func readJSON(files fs.FS, name string, target any) (size int, err error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return len(raw), nil
}
