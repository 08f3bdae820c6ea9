package assembly_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/emulator/assembly"
)

// refusing is an emulator that lacks some resource types.
func refusing(types ...string) assembly.Options {
	return assembly.Options{Unsupported: func(context.Context, []string) ([]string, error) { return types, nil }}
}

// stack is what one stack of a synthesised folder is written from.
type stack struct {
	id       string
	template string
	// needs are ids of stacks that have to be there first.
	needs []string
	// assets is the content of the asset manifest. Default: the template alone.
	assets string
}

// synthesised writes a folder as the CDK does.
func synthesised(t *testing.T, stacks ...stack) string {
	t.Helper()
	folder := t.TempDir()
	artifacts := map[string]any{}
	for _, s := range stacks {
		assets := s.assets
		if assets == "" {
			assets = `{"files":{"0ld":{"source":{"path":"` + s.id + `.template.json"},"destinations":{"here":{"objectKey":"0ld.json"}}}}}`
		}
		write(t, filepath.Join(folder, s.id+".template.json"), s.template)
		write(t, filepath.Join(folder, s.id+".assets.json"), assets)
		artifacts[s.id+".assets"] = map[string]any{
			"type": "cdk:asset-manifest", "properties": map[string]any{"file": s.id + ".assets.json"},
		}
		artifacts[s.id] = map[string]any{
			"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
			"dependencies": append([]string{s.id + ".assets"}, s.needs...),
			"properties": map[string]any{
				"templateFile": s.id + ".template.json", "stackTemplateAssetObjectUrl": "s3://bucket/0ld.json",
			},
		}
	}
	raw, err := json.Marshal(map[string]any{"version": "54.0.0", "artifacts": artifacts})
	require.NoError(t, err)
	write(t, filepath.Join(folder, "manifest.json"), string(raw))
	return folder
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// adapted returns the adapted templates by stack id, and the report's lines.
func adapted(t *testing.T, options assembly.Options, stacks ...stack) (map[string]string, *assembly.Report) {
	t.Helper()
	a, report, err := assembly.Adapt(t.Context(), synthesised(t, stacks...), filepath.Join(t.TempDir(), "adapted"), options)
	require.NoError(t, err)
	templates := map[string]string{}
	for _, s := range a.Stacks {
		raw, err := os.ReadFile(filepath.Join(a.Folder, s.ID+".template.json"))
		require.NoError(t, err)
		templates[s.ID] = string(raw)
	}
	return templates, report
}
