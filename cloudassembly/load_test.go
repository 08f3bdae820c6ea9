package cloudassembly_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cloudassembly"
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
	a, err := cloudassembly.Load(os.DirFS(dir))
	require.NoError(t, err)
	byID := map[string]cloudassembly.Stack{}
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

	index := cloudassembly.New(a)
	require.Equal(t, "Api/Jobs/Queue", index.ByType["AWS::SQS::Queue"][0].Path)
	require.Equal(t, "State/Nested/Topic", index.ByType["AWS::SNS::Topic"][0].Path)
}

func TestAFolderOfTemplatesAloneIsAnAssemblyWhoseStacksHaveNoName(t *testing.T) {
	a, err := cloudassembly.Load(os.DirFS(folder(t, map[string]string{
		"Api.template.json":   `{"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": {"Arn": {"Fn::GetStackOutput": {"StackName": "tandem-prod-workers", "OutputName": "QueueArn"}}}}}}`,
		"Workers_1.snap.json": `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"QueueArn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}}}`,
		"tree.json":           `not JSON`,
	})))
	require.NoError(t, err)
	index := cloudassembly.New(a)
	require.Len(t, index.Stacks, 2)
	require.Same(t, index.ByID["Workers"].Resources["Queue"], index.ByID["Api"].Resources["Rule"].Prop("Arn").Ref("AWS::SQS::Queue"),
		"an output is found by its own name where no stack's is known")
}

func TestTheRegionOfAStackIsThatOfItsEnvironment(t *testing.T) {
	for environment, want := range map[string]string{
		"aws://unknown-account/us-east-1": "us-east-1", "aws://111122223333/eu-central-1": "eu-central-1",
		"aws://unknown-account/unknown-region": "", "": "",
	} {
		a, err := cloudassembly.Load(os.DirFS(folder(t, map[string]string{
			"manifest.json":   `{"artifacts": {"A": {"type": "aws:cloudformation:stack", "environment": "` + environment + `", "properties": {"templateFile": "A.template.json"}}}}`,
			"A.template.json": `{}`,
		})))
		require.NoError(t, err)
		require.Equal(t, want, a.Stacks[0].Region)
	}
}

func TestLoadSaysWhichFileIsWrongAndWhatToDo(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"there are no templates": {},
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
		_, err := cloudassembly.Load(os.DirFS(folder(t, files)))
		require.ErrorContains(t, err, name)
	}
}
