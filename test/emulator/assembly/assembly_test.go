package assembly_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/emulator/assembly"
)

func TestStacksComeInDeployOrder(t *testing.T) {
	folder := synthesised(t,
		stack{id: "a", needs: []string{"c"}, template: `{"Resources":{}}`},
		stack{id: "b", template: `{"Resources":{}}`},
		stack{id: "c", needs: []string{"d", "b"}, template: `{"Resources":{}}`},
		stack{id: "d", template: `{"Resources":{}}`})
	a, err := assembly.Open(folder)
	require.NoError(t, err)
	var order []string
	for _, s := range a.Stacks {
		order = append(order, s.ID)
	}
	require.Equal(t, []string{"b", "d", "c", "a"}, order)
	require.Equal(t, "eu-west-1", a.Stacks[0].Region)
	require.Empty(t, a.Stacks[0].Account)
}

func TestAFolderThatTheCDKDidNotWriteIsRefused(t *testing.T) {
	_, err := assembly.Open(t.TempDir())
	require.ErrorContains(t, err, "manifest.json")

	folder := t.TempDir()
	write(t, filepath.Join(folder, "manifest.json"), `{"artifacts":{}}`)
	_, err = assembly.Open(folder)
	require.ErrorContains(t, err, "it has no stack")
}

func TestAChangedTemplateIsUploadedUnderItsNewHash(t *testing.T) {
	from := synthesised(t, stack{id: "one", template: `{"Resources":{"Gone":{"Type":"` + missingType + `"}}}`})
	before, err := os.ReadFile(filepath.Join(from, "one.template.json"))
	require.NoError(t, err)

	to := filepath.Join(t.TempDir(), "adapted")
	_, _, err = assembly.Adapt(t.Context(), from, to, refusing(missingType))
	require.NoError(t, err)

	raw, err := os.ReadFile(filepath.Join(to, "one.template.json"))
	require.NoError(t, err)
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	require.Contains(t, read(t, to, "manifest.json"), "s3://bucket/"+hash+".json")
	require.NotContains(t, read(t, to, "manifest.json"), "0ld")

	var assets struct {
		Files map[string]struct {
			Source       struct{ Path string }
			Destinations map[string]struct{ ObjectKey string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, to, "one.assets.json")), &assets))
	require.Len(t, assets.Files, 1)
	require.Equal(t, "one.template.json", assets.Files[hash].Source.Path)
	require.Equal(t, hash+".json", assets.Files[hash].Destinations["here"].ObjectKey)

	after, err := os.ReadFile(filepath.Join(from, "one.template.json"))
	require.NoError(t, err)
	require.Equal(t, before, after, "the synthesised folder is left alone")
}

func TestImagesAreNotPublished(t *testing.T) {
	from := synthesised(t, stack{id: "one", template: `{"Resources":{}}`,
		assets: `{"files":{},"dockerImages":{"abc":{"displayName":"Worker/Image"}}}`})
	to := filepath.Join(t.TempDir(), "adapted")
	_, report, err := assembly.Adapt(t.Context(), from, to, refusing())
	require.NoError(t, err)
	require.NotContains(t, read(t, to, "one.assets.json"), "dockerImages")
	require.Equal(t, []string{"unpublished one Image Worker/Image: there may be no Docker engine"}, report.Lines())
}

func TestTheListOfChangesGuardsAgainstNewOnes(t *testing.T) {
	_, report := adapted(t, refusing(missingType), stack{id: "one", template: `{"Resources":{"Gone":{"Type":"` + missingType + `"}}}`})
	path := filepath.Join(t.TempDir(), "dropped", "dev.txt")

	err := report.Check(path, false)
	require.ErrorContains(t, err, "new:  dropped one "+missingType+" Gone")
	require.ErrorContains(t, err, "make e2e-update")

	require.NoError(t, report.Check(path, true))
	require.NoError(t, report.Check(path, false))

	_, shorter := adapted(t, refusing(), stack{id: "one", template: `{"Resources":{}}`})
	require.ErrorContains(t, shorter.Check(path, false), "gone: dropped one "+missingType+" Gone")
}

func TestTheReportEndsWithHowMuchIsDeployed(t *testing.T) {
	_, report := adapted(t, refusing(missingType), stack{id: "one",
		template: `{"Resources":{"Gone":{"Type":"` + missingType + `"},"Kept":{"Type":"T"}}}`})
	require.Equal(t, "dropped one "+missingType+" Gone: the emulator has no such type\nto be deployed: 1 of 2 resources in 1 stacks\n", report.String())
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(raw)
}
