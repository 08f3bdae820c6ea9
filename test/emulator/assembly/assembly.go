package assembly

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Assembly is a cloud assembly on disk.
type Assembly struct {
	// Folder that holds manifest.json.
	Folder string
	// Stacks in an order in which they can be deployed.
	Stacks []*Stack

	manifest map[string]any
}

// Stack is one stack of an assembly.
type Stack struct {
	// ID by which the CDK's command line selects the stack.
	ID string
	// Name of the stack in CloudFormation.
	Name string
	// Region and Account that it goes to; empty where the synth left them open.
	Region, Account string
	// Template, as decoded JSON. Numbers are json.Number.
	Template map[string]any

	artifact     map[string]any
	templateFile string
	assetsFile   string
	assets       map[string]any
}

// Open reads a synthesised folder.
func Open(folder string) (*Assembly, error) {
	manifest, err := readObject(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("opening the cloud assembly %s: %w", folder, err)
	}
	a := &Assembly{Folder: folder, manifest: manifest}
	artifacts := object(manifest["artifacts"])
	for _, id := range sortedKeys(artifacts) {
		artifact := object(artifacts[id])
		if artifact["type"] != "aws:cloudformation:stack" {
			continue
		}
		stack, err := a.openStack(id, artifact, artifacts)
		if err != nil {
			return nil, fmt.Errorf("opening stack %s of %s: %w", id, folder, err)
		}
		a.Stacks = append(a.Stacks, stack)
	}
	if len(a.Stacks) == 0 {
		return nil, fmt.Errorf("opening the cloud assembly %s: it has no stack", folder)
	}
	a.Stacks = inDeployOrder(a.Stacks)
	return a, nil
}

func (a *Assembly) openStack(id string, artifact, artifacts map[string]any) (*Stack, error) {
	properties := object(artifact["properties"])
	stack := &Stack{ID: id, Name: id, artifact: artifact}
	if name := text(properties["stackName"]); name != "" {
		stack.Name = name
	}
	stack.Account, stack.Region, _ = strings.Cut(strings.TrimPrefix(text(artifact["environment"]), "aws://"), "/")
	if strings.HasPrefix(stack.Account, "unknown") {
		stack.Account = ""
	}
	if strings.HasPrefix(stack.Region, "unknown") {
		stack.Region = ""
	}

	stack.templateFile = text(properties["templateFile"])
	var err error
	if stack.Template, err = readObject(filepath.Join(a.Folder, stack.templateFile)); err != nil {
		return nil, err
	}
	for _, dependency := range stack.Dependencies() {
		assets := object(artifacts[dependency])
		if assets["type"] != "cdk:asset-manifest" {
			continue
		}
		stack.assetsFile = text(object(assets["properties"])["file"])
		if stack.assets, err = readObject(filepath.Join(a.Folder, stack.assetsFile)); err != nil {
			return nil, err
		}
	}
	return stack, nil
}

// Dependencies are the artifacts that have to be there first, by id.
func (s *Stack) Dependencies() []string {
	var ids []string
	for _, id := range list(s.artifact["dependencies"]) {
		ids = append(ids, text(id))
	}
	return ids
}

// inDeployOrder puts each stack behind those that it depends on. The CDK has
// refused cycles.
func inDeployOrder(stacks []*Stack) []*Stack {
	var ordered []*Stack
	done := map[string]bool{}
	for len(ordered) < len(stacks) {
		before := len(ordered)
		for _, stack := range stacks {
			waiting := slices.ContainsFunc(stack.Dependencies(), func(id string) bool {
				return !done[id] && slices.ContainsFunc(stacks, func(other *Stack) bool { return other.ID == id })
			})
			if !done[stack.ID] && !waiting {
				done[stack.ID] = true
				ordered = append(ordered, stack)
			}
		}
		if len(ordered) == before {
			break
		}
	}
	return ordered
}

// Resources of the stack's template, by logical id.
func (s *Stack) Resources() map[string]any { return object(s.Template["Resources"]) }

// Path is the construct path of a resource below its stack, or its logical id.
func (s *Stack) Path(logicalID string) string {
	metadata := object(object(s.Resources()[logicalID])["Metadata"])
	path := text(metadata["aws:cdk:path"])
	if path == "" {
		return logicalID
	}
	path = strings.TrimPrefix(path, s.ID+"/")
	return strings.TrimSuffix(path, "/Resource")
}

// Copy returns the same assembly in another folder, which must not exist or be empty.
func (a *Assembly) Copy(folder string) (*Assembly, error) {
	if err := os.CopyFS(folder, os.DirFS(a.Folder)); err != nil {
		return nil, fmt.Errorf("copying the cloud assembly %s: %w", a.Folder, err)
	}
	return Open(folder)
}
