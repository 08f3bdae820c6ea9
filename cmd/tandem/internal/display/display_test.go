package display_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/display"
)

func TestTablesAreAligned(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, display.Table(&out, []string{"ID", "STATE", "NOTE"}, [][]string{{"1", "succeeded", ""}, {"1000", "failed", "out of memory"}}))
	require.Equal(t, "ID    STATE      NOTE\n1     succeeded\n1000  failed     out of memory\n", out.String())
}

func TestNothingThatOthersWroteSteersTheTerminal(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, display.Table(&out, []string{"NAME"}, [][]string{{"a\x1b[2Jb\tc\nd\u2028e\u009bf"}}))
	require.Equal(t, "NAME\na [2Jb c d e f\n", out.String())
	out.Reset()
	require.NoError(t, display.Fields(&out, display.Field{"error", "\x1b]0;pwned\a"}))
	require.Equal(t, "error   ]0;pwned\n", out.String())
}

func TestFieldsWithoutAValueAreLeftOut(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, display.Fields(&out, display.Field{"state", "queued"}, display.Field{"deadline", ""}, display.Field{"worker", "w"}))
	require.Equal(t, "state   queued\nworker  w\n", out.String())
}

func TestSizesAndSpansAreShort(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536 << 10: "1.5 MiB", 5 << 30: "5.0 GiB", 1 << 60: "1024.0 PiB"} {
		require.Equal(t, want, display.Size(bytes))
	}
	for span, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m", 61 * time.Second: "1m1s",
		time.Hour: "1h", 3*time.Hour + 5*time.Minute + time.Second: "3h5m", 26 * time.Hour: "1d2h", 48 * time.Hour: "2d", -time.Minute: "-1m",
	} {
		require.Equal(t, want, display.Span(span))
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	require.Equal(t, "5m ago", display.Ago(now.Add(-5*time.Minute), now))
	require.Empty(t, display.Ago(time.Time{}, now))
	require.Equal(t, "2026-11-24 12:00:00Z", display.Time(now))
	require.Empty(t, display.Time(time.Time{}))
	require.Equal(t, "7%", display.Percent(7.4))
	require.Empty(t, display.Percent(0))
}

func TestBarsAreSilentOffATerminal(t *testing.T) {
	var out bytes.Buffer
	for _, bar := range []*display.Bar{display.Bytes(&out, "upload", 10), display.Percents(&out, "job"), display.Steps(&out, "checks", 3), display.Spinner(&out, "deploy")} {
		bar.Set(5)
		bar.Describe("still")
		bar.Add()
		bar.Clear()
		bar.Done()
	}
	require.Empty(t, out.String())
	require.False(t, display.Terminal(&out))
}

func TestJSONKeepsWhatItWasGiven(t *testing.T) {
	var out strings.Builder
	require.NoError(t, display.JSON(&out, map[string]string{"url": "http://x/?a=1&b=<2>"}))
	require.Equal(t, "{\n  \"url\": \"http://x/?a=1&b=<2>\"\n}\n", out.String())
	out.Reset()
	require.NoError(t, display.JSONLine(&out, map[string]int{"a": 1}))
	require.Equal(t, "{\"a\":1}\n", out.String())
	require.Error(t, display.JSON(&out, func() {}))
}
