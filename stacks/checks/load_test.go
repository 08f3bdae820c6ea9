package checks_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/stacks/checks"
)

// folder writes files by name, with text as their content.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func TestLoadReadsTheStacksOfTheManifest(t *testing.T) {
	dir := folder(t, map[string]string{
		"manifest.json": `{"artifacts": {
			"Api.assets": {"type": "cdk:asset-manifest", "properties": {"file": "missing.json"}},
			"Api": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Api.template.json", "stackName": "tandem-prod-api", "terminationProtection": true},
				"additionalMetadataFile": "Api.metadata.json", "metadata": {"/Api/Old": [{"type": "aws:cdk:logicalId", "data": "Old"}]}},
			"State": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "State.template.json"}},
			"Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}}}`,
		"Api.template.json":                      `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`,
		"Api.metadata.json":                      `{"/Api/Jobs/Queue/Resource": [{"type": "aws:cdk:creationStack", "data": ["x"]}, {"type": "aws:cdk:logicalId", "data": "Queue"}]}`,
		"State.template.json":                    `{"Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:cdk:path": "State/Nested", "aws:asset:path": "StateNested.nested.template.json"}}}}`,
		"StateNested.nested.template.json":       `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`,
		"assembly-Stage/manifest.json":           `{"artifacts": {"StageApi": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "StageApi.template.json"}}}}`,
		"assembly-Stage/StageApi.template.json":  `{"Resources": {}}`,
		"assembly-Stage/unused.template.json":    `not JSON`,
		"tree.json":                              `not JSON`,
		"asset.1234/deep/inside.template.json":   `not JSON`,
		"State.assets.json":                      `not JSON`,
		"validation-report.json":                 `not JSON`,
		"assembly-Stage/StageApi.metadata.json":  `not JSON`,
		"assembly-Stage/StageApi.assets.json":    `not JSON`,
		"assembly-Stage/asset.5678/anything.txt": `not JSON`,
	})
	a, err := checks.Load(dir)
	require.NoError(t, err)
	byID := map[string]checks.Stack{}
	for _, s := range a.Stacks {
		byID[s.ID] = s
	}
	require.Len(t, byID, 4)
	require.Equal(t, "tandem-prod-api", byID["Api"].Name)
	require.True(t, byID["Api"].TerminationProtection)
	require.Equal(t, 53, byID["Api"].Size)
	require.Equal(t, map[string]string{"Queue": "Api/Jobs/Queue/Resource", "Old": "Api/Old"}, byID["Api"].Paths)
	require.Nil(t, byID["State"].Paths, "metadata are read only where the template has no paths")
	require.Equal(t, "State", byID["State/Nested"].Parent)
	require.Equal(t, "Nested", byID["State/Nested"].ParentResource)
	require.Contains(t, byID, "StageApi")

	paths := map[string]bool{}
	for _, f := range checks.Run(a, checks.Options{}) {
		paths[f.Path] = true
	}
	require.Contains(t, paths, "Api/Jobs/Queue")
	require.Contains(t, paths, "State/Nested/Topic")
}

func TestLoadSaysWhichFileIsWrongAndWhatToDo(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"manifest.json": {},
		"A.template.json": {
			"manifest.json": `{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}}}`,
		},
		"B.template.json: invalid character": {
			"manifest.json":   `{"artifacts": {"B": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "B.template.json"}}}}`,
			"B.template.json": `Resources:`,
		},
		"C.metadata.json": {
			"manifest.json":   `{"artifacts": {"C": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "C.template.json"}, "additionalMetadataFile": "C.metadata.json"}}}`,
			"C.template.json": `{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}`,
		},
		"gone.json": {
			"manifest.json":   `{"artifacts": {"D": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "D.template.json"}}}}`,
			"D.template.json": `{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "gone.json"}}}}`,
		},
	} {
		_, err := checks.Load(folder(t, files))
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "synthesise first")
	}
}
