// Package snapshots compares every stack of every environment with the
// template that was last agreed on. `make test-update` writes them anew; the
// diff is what a reviewer reads.
package snapshots

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/stacks/synth"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

const root = "../.."

func TestTheTemplatesAreThoseThatWereAgreedOn(t *testing.T) {
	for _, environment := range []string{"dev", "staging", "prod"} {
		t.Run(environment, func(t *testing.T) {
			templates := synthesise(t, environment)
			t.Run("an image is staged with its Dockerfile and without tests", func(t *testing.T) { requireImages(t, templates) })
			for _, path := range templates {
				name := strings.TrimSuffix(filepath.Base(path), ".template.json")
				t.Run(name, func(t *testing.T) {
					snaps.WithConfig(snaps.Dir(environment), snaps.Filename(name), snaps.Ext(".json")).
						MatchStandaloneSnapshot(t, masked(t, path))
				})
			}
		})
	}
}

// requireImages looks at what a deploy builds images from: the staged context alone.
func requireImages(t *testing.T, templates []string) {
	images := 0
	for _, template := range templates {
		raw, err := os.ReadFile(strings.TrimSuffix(template, ".template.json") + ".assets.json")
		require.NoError(t, err)
		var manifest struct {
			DockerImages map[string]struct {
				Source struct{ Directory, DockerFile string }
			}
		}
		require.NoError(t, json.Unmarshal(raw, &manifest))
		for _, image := range manifest.DockerImages {
			images++
			context := filepath.Join(filepath.Dir(template), image.Source.Directory)
			require.FileExists(t, filepath.Join(context, image.Source.DockerFile))
			tests, err := filepath.Glob(filepath.Join(context, "*/*/*_test.go"))
			require.NoError(t, err)
			require.Empty(t, tests)
		}
	}
	require.GreaterOrEqual(t, images, 3, "the agent's, the worker's and an example's")
}

// synthesise returns the paths of an environment's templates.
func synthesise(t *testing.T, environment string) []string {
	absolute, err := filepath.Abs(root)
	require.NoError(t, err)
	context, err := synth.Context(absolute, nil, []string{"-c", "env=" + environment})
	require.NoError(t, err)
	out := t.TempDir()
	_, err = synth.Run(synth.Options{
		// A price of today would make a new snapshot of each change of the table.
		InstanceUSD: func(string, string) (spot, onDemand float64) { return 0.5, 1 },
		Root:        absolute, Context: context, Outdir: out, SkipNag: true, Output: io.Discard,
		Bundle: gofunction.Placeholder{Folder: t.TempDir()},
	})
	require.NoError(t, err)
	paths, err := filepath.Glob(filepath.Join(out, "*.template.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

var hash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// masked is a template without what changes with every source file: the hashes
// of assets, and the construct paths that only tools read.
func masked(t *testing.T, path string) string {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	template := map[string]any{}
	require.NoError(t, json.Unmarshal(raw, &template))
	for _, resource := range template["Resources"].(map[string]any) {
		if metadata, ok := resource.(map[string]any)["Metadata"].(map[string]any); ok {
			for key := range metadata {
				if strings.HasPrefix(key, "aws:") {
					delete(metadata, key)
				}
			}
			if len(metadata) == 0 {
				delete(resource.(map[string]any), "Metadata")
			}
		}
	}
	var pretty strings.Builder
	encoder := json.NewEncoder(&pretty)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	require.NoError(t, encoder.Encode(template))
	return hash.ReplaceAllString(pretty.String(), "<asset>")
}
