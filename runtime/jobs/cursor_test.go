package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestACursorIsReadBackAsThePositionItWasMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Position{Created: time.UnixMilli(rapid.Int64Range(0, maxMillis).Draw(t, "created")).UTC(), ID: RandomIDs{}.NewID()}
		got, err := parseCursor(formatCursor(want))
		require.NoError(t, err)
		require.Equal(t, &want, got)
	})
}

func TestNoCursorIsTheBeginning(t *testing.T) {
	got, err := parseCursor("")
	require.NoError(t, err)
	require.Nil(t, got)
}

func FuzzParseCursor(f *testing.F) {
	f.Add(formatCursor(Position{Created: time.UnixMilli(1), ID: RandomIDs{}.NewID()}))
	f.Add("AAAA")
	f.Add("________________________________")
	f.Fuzz(func(t *testing.T, cursor string) {
		position, err := parseCursor(cursor)
		if err != nil {
			require.ErrorIs(t, err, ErrBadCursor)
			return
		}
		if position != nil {
			require.True(t, ValidID(position.ID))
			require.Equal(t, cursor, formatCursor(*position))
		}
	})
}
