package report

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate/experiment"
)

// small is a Result of two policies that is written out in testdata.
func small(t *testing.T) *experiment.Result {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.json")
	require.NoError(t, err)
	var r experiment.Result
	require.NoError(t, json.Unmarshal(raw, &r))
	return &r
}

func written(t require.TestingT, r *experiment.Result) string {
	var page bytes.Buffer
	require.NoError(t, WriteHTML(&page, r))
	return page.String()
}

func TestThePageIsWhatWasAgreedOn(t *testing.T) {
	const golden = "testdata/small.html"
	page := written(t, small(t))
	if os.Getenv("TANDEM_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(page), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "run 'make test-update' and read the diff")
	require.Equal(t, string(want), page, "run 'make test-update' and read the diff")
}

func TestTheSameResultGivesTheSameBytes(t *testing.T) {
	require.Equal(t, written(t, small(t)), written(t, small(t)))
	var one, other bytes.Buffer
	require.NoError(t, charts(small(t))[2].png(&one))
	require.NoError(t, charts(small(t))[2].png(&other))
	require.Equal(t, one.Bytes(), other.Bytes())
}

func TestTheChartsOfThePageAreWrittenAsPicturesOfTheSizePromised(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for", "them")
	r := small(t)
	paths, err := WritePNG(dir, r)
	require.NoError(t, err)
	var names []string
	all := charts(r)
	for i, path := range paths {
		names = append(names, filepath.Base(path))
		raw, err := os.Open(path)
		require.NoError(t, err)
		picture, err := png.Decode(raw)
		raw.Close()
		require.NoError(t, err)
		_, height := all[i].size()
		require.Equal(t, 1600, picture.Bounds().Dx(), path)
		require.InDelta(t, 2*height.Points(), picture.Bounds().Dy(), 1, path)
		// Something is drawn on it.
		colours := map[any]bool{}
		for x := 0; x < picture.Bounds().Dx(); x += 7 {
			for y := 0; y < picture.Bounds().Dy(); y += 3 {
				colours[picture.At(x, y)] = true
			}
		}
		require.Greater(t, len(colours), 20, path)
	}
	require.Equal(t, []string{"cost-and-wait.png", "waits.png", "timeline-1.png", "cost-split.png", "time-split.png", "timeline-2.png"}, names)
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := WritePNG(filepath.Join(file, "charts"), small(t))
	require.ErrorContains(t, err, `writing the charts of "two-policies"`)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestAFullDiskIsAnError(t *testing.T) {
	require.ErrorIs(t, WriteHTML(full{}, small(t)), os.ErrClosed)
}
