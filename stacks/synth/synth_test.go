package synth_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/stacks/synth"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

// run synthesises an environment of this repository with further arguments.
func run(t *testing.T, arguments ...string) (output string, err error) {
	t.Helper()
	return runTo(t, t.TempDir(), arguments...)
}

func runTo(t *testing.T, folder string, arguments ...string) (string, error) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	context, err := synth.Context(root, nil, arguments)
	require.NoError(t, err)
	var written bytes.Buffer
	_, err = synth.Run(synth.Options{
		Root: root, Context: context, Outdir: folder, Output: &written,
		Bundle: gofunction.Placeholder{Folder: t.TempDir()},
	})
	return written.String(), err
}

func TestEveryEnvironmentIsWithoutFindings(t *testing.T) {
	overlays, err := filepath.Glob("../../config/*.yaml")
	require.NoError(t, err)
	require.Greater(t, len(overlays), 3)
	for _, overlay := range overlays {
		name := filepath.Base(overlay[:len(overlay)-len(".yaml")])
		if name == "base" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			output, err := runTo(t, folder, "-c", "env="+name)
			require.NoError(t, err, output)
			require.Empty(t, output)
			// The command line prints them at each synth, until nobody reads them.
			metadata, err := filepath.Glob(filepath.Join(folder, "*.metadata.json"))
			require.NoError(t, err)
			require.NotEmpty(t, metadata)
			for _, file := range metadata {
				raw, err := os.ReadFile(file)
				require.NoError(t, err)
				require.NotContains(t, string(raw), `"aws:cdk:warning"`, file)
			}
		})
	}
}

func TestAMistakeInTheConfigurationEndsTheSynthWithItsLine(t *testing.T) {
	_, err := run(t, "-c", "env=dev", "-c", "set.workers.document-analyser.concurency=2")
	require.ErrorContains(t, err, "concurency")
	require.ErrorContains(t, err, "concurrency")
}

func TestAFolderWithoutADockerfileIsNamedWithItsLine(t *testing.T) {
	_, err := run(t, "-c", "env=dev", "-c", "set.workers.document-analyser.image={build: examples}",
		"-c", "set.services.llama.image={build: nowhere, uri: null}")
	require.ErrorContains(t, err, "workers.document-analyser.image.build: there is no Dockerfile in examples")
	require.ErrorContains(t, err, "services.llama.image.build: there is no Dockerfile in nowhere")
}

func TestAnEnvironmentMustBeNamed(t *testing.T) {
	_, err := run(t)
	require.ErrorContains(t, err, "no environment given; add -c env=dev")
}

func TestAThirdEnvironmentIsOneFile(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	folder := t.TempDir()
	base, err := os.ReadFile(filepath.Join(root, "config/base.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "base.yaml"), base, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "demo.yaml"), []byte("budget: { monthlyUsd: 100 }\n"), 0o644))
	output, err := run(t, "-c", "env=demo", "-c", "config="+folder)
	require.NoError(t, err, output)
}

func TestAFindingIsReportedWithTheConstructAndTheLineItComesFrom(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	context, err := synth.Context(root, nil, []string{"-c", "env=dev"})
	require.NoError(t, err)
	// Weak references are what keeps a worker removable; without them every
	// stack that hands something on is a finding.
	context["@aws-cdk/core:defaultCrossStackReferences"] = "strong"
	var written bytes.Buffer
	_, err = synth.Run(synth.Options{
		Root: root, Context: context, Outdir: t.TempDir(), Output: &written, SkipNag: true,
		Bundle: gofunction.Placeholder{Folder: t.TempDir()},
	})
	require.ErrorIs(t, err, synth.ErrFindings)
	require.Contains(t, written.String(), "cross-stack")
}
