// Package openaiclient runs OpenAI's own Python client, unchanged, against a
// deployment: suite.py says what it must be able to do.
package openaiclient

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
)

// Target says where the client is sent.
type Target struct {
	// URL of the API, without /v1, and a key. Required.
	URL, Key string
	// Model and Embedder are what is asked. Required.
	Model, Embedder string
	// Overflow is empty where no worker takes over from Model, "taken" where one
	// does, and "runs" where its jobs are done too.
	Overflow string
	// Emulated leaves out what the emulator of API Gateway cannot: streams, the
	// bodies of the gateway's own answers, and large requests.
	Emulated bool
}

// Run runs the suite.
func Run(t *testing.T, target Target) {
	t.Helper()
	checkout.Need(t, checkout.OpenAIClient)
	python, err := checkout.Tool(checkout.OpenAIClient)
	require.NoError(t, err)
	root, err := checkout.Root()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), python, filepath.Join(root, "test/openaiclient/suite.py"))
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "OPENAI_BASE_URL="+target.URL+"/v1", "OPENAI_API_KEY="+target.Key,
		"MODEL="+target.Model, "EMBEDDER="+target.Embedder, "OVERFLOW="+target.Overflow)
	if target.Emulated {
		command.Env = append(command.Env, "EMULATED=1")
	}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "\nOK")
}
