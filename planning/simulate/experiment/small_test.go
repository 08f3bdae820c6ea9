package experiment

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/prices"
)

// small is a scenario that runs in milliseconds.
const small = `arrivals: { perHour: 20, length: 6h }
durations: { distribution: exponential, mean: 5m }
deadlines: { share: 0.5, times: [1, 2], plus: 20m }
instance: { type: g5.xlarge }
spot: { availability: 0.7, outage: 30m, interruptionsPerDay: 2 }
checkpoint: { interval: 5m, cost: 5s, restore: 5s, onNotice: true }
policy: { maximum: 5, targetWait: 5m }
seeds: 3
`

// options with shipped prices, and traces out of a map in place of a disk.
func options(t testing.TB, files map[string]string) Options {
	t.Helper()
	table, err := prices.Load()
	require.NoError(t, err)
	return Options{Prices: table, Open: func(path string) (io.ReadCloser, error) {
		if text, found := files[path]; found {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
	}}
}

func read(t testing.TB, text string, sets ...string) *Experiment {
	t.Helper()
	o := options(t, nil)
	o.Set = sets
	e, err := Read("small.yaml", []byte(text), o)
	require.NoError(t, err)
	return e
}

func bytesOf(t testing.TB, r *Result) string {
	t.Helper()
	raw, err := json.Marshal(r)
	require.NoError(t, err)
	return string(raw)
}
