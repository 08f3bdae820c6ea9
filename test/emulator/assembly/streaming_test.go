package assembly_test

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/emulator/assembly"
)

const streamingTemplate = `{"Resources":{
	"Method":{"Type":"AWS::ApiGateway::Method","Properties":{"Integration":{
		"ResponseTransferMode":"STREAM","TimeoutInMillis":900000,
		"Uri":{"Fn::Join":["",["arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/",{"Fn::GetAtt":["Function","Arn"]},"/response-streaming-invocations"]]}}}},
	"Function":{"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Key":"c0de.zip"}}}}}`

func TestAStreamingIntegrationIsBuffered(t *testing.T) {
	templates, report := adapted(t, refusing(), stack{id: "one", template: streamingTemplate})
	require.JSONEq(t, `{"Resources":{
		"Method":{"Type":"AWS::ApiGateway::Method","Properties":{"Integration":{
			"Uri":{"Fn::Join":["",["arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/",{"Fn::GetAtt":["Function","Arn"]},"/invocations"]]}}}},
		"Function":{"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Key":"c0de.zip"}}}}}`, templates["one"])
	require.Equal(t, []string{"buffered one AWS::ApiGateway::Method Method: the emulator does not stream"}, report.Lines())
}

func TestAStreamOfNoFunctionIsAnError(t *testing.T) {
	from := synthesised(t, stack{id: "one", template: `{"Resources":{"Method":{"Type":"AWS::ApiGateway::Method",
		"Properties":{"Integration":{"ResponseTransferMode":"STREAM","Uri":"arn:aws:elsewhere"}}}}}`})
	_, _, err := assembly.Adapt(t.Context(), from, filepath.Join(t.TempDir(), "adapted"), refusing())
	require.ErrorContains(t, err, "it names no function of its own stack")
}

func TestAFunctionForAnotherProcessorIsBuiltForThisOne(t *testing.T) {
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	require.NotEmpty(t, other, "functions run on amd64 and arm64 only")
	from := synthesised(t, stack{id: "one", template: streamingTemplate, assets: `{"files":{
		"c0de":{"source":{"path":"asset.c0de","packaging":"zip"}},
		"7ext":{"source":{"path":"asset.7ext/notes.txt"}}}}`})
	write(t, filepath.Join(from, "asset.c0de", "prompt.txt"), "kept beside the program")
	write(t, filepath.Join(from, "asset.7ext", "notes.txt"), "no program")
	// Any package of this module will do; this one is small.
	program := filepath.Join(from, "asset.c0de", "bootstrap")
	command := exec.Command("go", "build", "-trimpath", "-o", program, "tandem/test/emulator/streamshim")
	command.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOARCH="+other)
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))

	to := filepath.Join(t.TempDir(), "adapted")
	options := refusing()
	options.Cache = t.TempDir()
	_, report, err := assembly.Adapt(t.Context(), from, to, options)
	require.NoError(t, err)

	require.Equal(t, []string{"tandem/test/emulator/streamshim"}, report.Rebuilt)
	require.Equal(t, runtime.GOARCH, architecture(t, filepath.Join(to, "asset.c0de", "bootstrap")), "the shim")
	require.Equal(t, runtime.GOARCH, architecture(t, filepath.Join(to, "asset.c0de", "bootstrap.streaming")), "the function behind it")
	require.FileExists(t, filepath.Join(to, "asset.c0de", "prompt.txt"))
	require.Equal(t, other, architecture(t, program), "the synthesised one is left alone")
}

func architecture(t *testing.T, program string) string {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	require.NoError(t, err)
	for _, setting := range info.Settings {
		if setting.Key == "GOARCH" {
			return setting.Value
		}
	}
	return ""
}
