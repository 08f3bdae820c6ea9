package scenario_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/scenario"
)

func TestAScriptThatMeansNothingIsRefusedWithItsLine(t *testing.T) {
	for name, row := range map[string]struct{ text, says string }{
		"an unknown word":             {"gpus 4\nat 3s: gpux 2 xid 79", `line 2: "at 3s: gpux 2 xid 79": there is no word "gpux"; there are agent`},
		"a moment without an end":     {"at 3s gpu 2 xid 79", "line 1"},
		"a moment that is no time":    {"at soon: gpu 2 xid 79", "write 'at 3s"},
		"moments out of order":        {"at 3s: disk full\nat 2s: disk full", "line 2: 2s: moments follow each other"},
		"a moment in two years":       {"at 20000h: disk full", "up to 48h"},
		"a host changed in its story": {"at 3s: disk full\ngpus 4", "line 2: \"gpus 4\": the host is described before"},
		"a fact with a moment":        {"at 3s: gpus 4", "has no moment"},
		"an event without a moment":   {"disk full", "happens at a moment"},
		"no number":                   {"gpus four", "four"},
		"too many GPUs":               {"gpus 17", "16 GPUs at most"},
		"too many events":             {"at 3s: gpu 0 xid 79 times 5000000", "too many"},
		"an unknown state":            {"at 3s: expect node TIRED", "TIRED"},
		"an unknown expectation":      {"at 3s: expect peace", "none of node, gpu"},
		"an unknown reading":          {"at 3s: gpu 0 mood 3", "mood"},
		"an unknown verdict":          {"at 3s: gpu 0 verdict guilty", "guilty"},
		"half an event":               {"at 3s: gpu 0 xid", "no number"},
		"an empty line of words":      {"at 3s:", `there is no word ""`},
		"a novel":                     {strings.Repeat("# once upon a time\n", 10_000), "bytes at most"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scenario.Parse(row.text)
			require.ErrorContains(t, err, row.says)
		})
	}
}

func FuzzNoScriptBreaksItsParser(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(raw))
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := scenario.Parse(text)
		if err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
