package checks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var began = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

func TestSixOfTheLastTenMinutesCountAndFewerThanThreeEndIt(t *testing.T) {
	for name, row := range map[string]struct {
		// so and not so, in minutes, in turn.
		spells []int
		on     bool
	}{
		"five minutes are a spell":                  {[]int{5}, false},
		"six are not":                               {[]int{7}, true},
		"five and four with a pause are not":        {[]int{3, 2, 4}, true},
		"two in ten, again and again, are spells":   {[]int{2, 8, 2, 8, 2, 8, 2}, false},
		"five in ten, again and again, are spells":  {[]int{5, 5, 5, 5, 5, 5}, false},
		"it goes on while it was so for four":       {[]int{7, 4}, true},
		"it ends when it was so for fewer than two": {[]int{7, 9}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var s sustained
			at, on := began, false
			for i, minutes := range row.spells {
				for range minutes * 12 {
					at = at.Add(5 * time.Second)
					on = s.add(at, i%2 == 0)
				}
			}
			require.Equal(t, row.on, on)
		})
	}
}

func TestALookAfterALongGapSpeaksForLittleOfIt(t *testing.T) {
	var s sustained
	on := false
	for i := range 4 {
		on = s.add(began.Add(time.Duration(i)*3*time.Minute), true)
	}
	require.False(t, on, "four looks in nine minutes do not show that it was so all along")
}

func TestItIsNeverSustainedWithoutHavingBeenSoForSixMinutesInAll(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var s sustained
		at, total := began, time.Duration(0)
		for range rapid.IntRange(1, 300).Draw(r, "looks") {
			gap := time.Duration(rapid.IntRange(-5, 120).Draw(r, "gap")) * time.Second
			so := rapid.Bool().Draw(r, "so")
			at = at.Add(gap)
			if so && gap > 0 {
				total += gap
			}
			if s.add(at, so) {
				require.GreaterOrEqual(t, total, enters)
			}
		}
	})
}
