package synth

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// annotations reads the errors that constructs and cdk-nag left in a cloud
// assembly, as 'error path: text', sorted. The CDK's command line fails on
// them; without it nobody would.
func annotations(directory string) ([]string, error) {
	manifests, err := filepath.Glob(filepath.Join(directory, "*.metadata.json"))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, path := range append(manifests, filepath.Join(directory, "manifest.json")) {
		found, err := readAnnotations(path)
		if err != nil {
			return nil, fmt.Errorf("reading the findings in %s: %w", path, err)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

type metadata map[string][]struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func readAnnotations(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".metadata.json") {
		entries := metadata{}
		if err := json.Unmarshal(raw, &entries); err != nil {
			return nil, err
		}
		return errorsIn(entries), nil
	}
	manifest := struct {
		Artifacts map[string]struct {
			Metadata metadata `json:"metadata"`
		} `json:"artifacts"`
	}{}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, err
	}
	var all []string
	for _, artifact := range manifest.Artifacts {
		all = append(all, errorsIn(artifact.Metadata)...)
	}
	return all, nil
}

func errorsIn(entries metadata) []string {
	var all []string
	for path, list := range entries {
		for _, entry := range list {
			if entry.Type != "aws:cdk:error" {
				continue
			}
			var message string
			if json.Unmarshal(entry.Data, &message) != nil {
				message = string(entry.Data)
			}
			all = append(all, fmt.Sprintf("error %s: %s", strings.TrimPrefix(path, "/"), strings.TrimSpace(message)))
		}
	}
	return all
}
