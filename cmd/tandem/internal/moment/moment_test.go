package moment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/moment"
)

func TestMomentsAreReadAsPeopleWriteThem(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string][2]string{
		"2h":                        {"2026-11-24T14:00:00Z", "2026-11-24T10:00:00Z"},
		"30d":                       {"2026-12-24T12:00:00Z", "2026-10-25T12:00:00Z"},
		"2026-12-31":                {"2026-12-31T00:00:00Z", "2026-12-31T00:00:00Z"},
		"2026-12-31T18:00:00+01:00": {"2026-12-31T17:00:00Z", "2026-12-31T17:00:00Z"},
	} {
		later, err := moment.In(text, now)
		require.NoError(t, err)
		earlier, err := moment.Ago(text, now)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{later.Format(time.RFC3339), earlier.Format(time.RFC3339)}, text)
	}
	none, err := moment.In("", now)
	require.NoError(t, err)
	require.True(t, none.IsZero())
	_, err = moment.Ago("tomorrow", now)
	require.ErrorContains(t, err, `"tomorrow" is no time`)
}
