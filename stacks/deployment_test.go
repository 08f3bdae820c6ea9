package stacks_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"tandem/config"
	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/stacks"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

// deploy builds the stacks of an environment of this repository, with values set over it.
func deploy(t *testing.T, environment string, set ...string) (awscdk.App, *stacks.Deployment) {
	t.Helper()
	loaded, err := config.Load(config.Options{Dir: "../config", Environment: environment, Set: set})
	require.NoError(t, err)
	app := constructstest.App(t)
	return app, stacks.New(app, &stacks.Props{
		Config: loaded.Config, Environment: environment, Root: project(t), Bundle: gofunction.Placeholder{Folder: t.TempDir()},
	})
}

// project is a folder with what images are built from, which no edit of a
// source file changes while a test compares two deployments.
func project(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"runtime/worker", "gpuagent", "examples/document-analyser", "examples/video-agent"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, folder), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, folder, "Dockerfile"), []byte("FROM scratch\n"), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(root, folder, "Dockerfile.dockerignore"), []byte("*\n"), 0o644))
	}
	return root
}

func TestATierThatIsNotConfiguredLeavesNoStack(t *testing.T) {
	for name, test := range map[string]struct {
		set                        []string
		workers, services, compute bool
	}{
		"all tiers":   {nil, true, true, true},
		"no services": {[]string{"services=null", "models.llama=null"}, true, false, true},
		"no workers":  {[]string{"workers=null", "models.analyst.overflow=null", "documents.contracts.overflow=null"}, false, true, true},
		"neither workers nor services": {[]string{"workers=null", "services=null", "models.llama=null", "models.analyst.overflow=null",
			"documents.contracts.overflow=null"}, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, deployment := deploy(t, "dev", test.set...)
			require.Equal(t, test.workers, deployment.Workers != nil, "workers")
			require.Equal(t, test.services, deployment.Services != nil, "services")
			require.Equal(t, test.compute, deployment.Compute != nil, "compute")
			require.Equal(t, test.compute, deployment.Network != nil, "network")
			require.NotNil(t, deployment.API)
		})
	}
}
