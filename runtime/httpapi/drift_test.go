package httpapi_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGeneratedTypesAreThoseOfTheDocument(t *testing.T) {
	fresh, config := filepath.Join(t.TempDir(), "api.gen.go"), filepath.Join(t.TempDir(), "config.yaml")
	written, err := os.ReadFile("oapi-codegen.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, bytes.Replace(written, []byte("output: api/api.gen.go"), []byte("output: "+fresh), 1), 0o600))
	output, err := exec.Command("go", "run", "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen",
		"-config", config, "openapi.yaml").CombinedOutput()
	require.NoError(t, err, "%s", output)
	want, err := os.ReadFile(fresh)
	require.NoError(t, err)
	got, err := os.ReadFile("api/api.gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run 'go generate ./runtime/httpapi' after a change of openapi.yaml")
}
