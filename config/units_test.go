package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/config"
)

func TestADurationIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "12h": 12 * time.Hour, "14d": 14 * 24 * time.Hour,
		"1h30m": 90 * time.Minute, "1d12h": 36 * time.Hour, "250ms": 250 * time.Millisecond, "0s": 0,
	} {
		got, err := config.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Std(), text)
	}
}

func TestADurationThatMeansNothingIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "90", "s", "1.5h", "-1h", "1h 30m", "30m1h", "1h1h", "1w", "1H", "99999999999999999999d", "40000d", "36400d9000h",
	} {
		_, err := config.ParseDuration(text)
		require.Error(t, err, text)
	}
}

func TestADurationIsWrittenInItsLargestUnits(t *testing.T) {
	for text, want := range map[string]string{"90m": "1h30m", "24h": "1d", "3600s": "1h", "0m": "0s", "1500ms": "1s500ms"} {
		d, err := config.ParseDuration(text)
		require.NoError(t, err)
		require.Equal(t, want, d.String())
	}
	require.Equal(t, "0s", config.Duration(time.Microsecond).String())
}

func TestWhatADurationWritesItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := config.Duration(rapid.Int64Range(0, int64(100*365*24*time.Hour/time.Millisecond)).Draw(t, "ms") * int64(time.Millisecond))
		got, err := config.ParseDuration(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestDaysAreRoundedUp(t *testing.T) {
	require.Equal(t, 1, config.Duration(time.Hour).Days())
	require.Equal(t, 7, config.Duration(7*24*time.Hour).Days())
	require.Equal(t, 8, config.Duration(7*24*time.Hour+time.Second).Days())
}

func TestASizeIsReadInBinaryUnits(t *testing.T) {
	for text, want := range map[string]int64{"1KiB": 1 << 10, "512MiB": 512 << 20, "16GiB": 16 << 30, "2TiB": 2 << 40, "0MiB": 0} {
		got, err := config.ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Bytes(), text)
	}
}

func TestASizeThatMeansNothingIsRefused(t *testing.T) {
	for _, text := range []string{"", "512", "512MB", "512M", "1.5GiB", "-1GiB", "16 GiB", "16gib", "99999999999TiB"} {
		_, err := config.ParseSize(text)
		require.Error(t, err, text)
	}
}

func TestWhatASizeWritesItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := config.Size(rapid.Int64Range(0, 1<<50).Draw(t, "KiB")) * config.KiB
		got, err := config.ParseSize(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestASizeCountsWholeUnits(t *testing.T) {
	require.Equal(t, 1023, (config.GiB - 1).MiB())
	require.Equal(t, 1, (config.GiB - 1).GiB())
	require.Equal(t, "1536MiB", (config.GiB + 512*config.MiB).String())
}
