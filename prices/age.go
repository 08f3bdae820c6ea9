package prices

import (
	"fmt"
	"slices"
	"time"
)

// Stale is the age past which prices should be looked up again.
const Stale = 90 * 24 * time.Hour

// Age of a source at a time.
func (s Source) Age(now time.Time) time.Duration { return now.Sub(s.AsOf) }

// Warnings says which of the sources are older than [Stale], and which are for
// another region than is asked for, one line each.
func Warnings(sources []Source, region string, now time.Time) []string {
	var all []string
	for _, source := range sources {
		if age := source.Age(now); age > Stale {
			all = append(all, fmt.Sprintf("prices of %s are %d days old (%s): 'tandem prices refresh' reads today's",
				source.File, int(age.Hours()/24), source.AsOf.Format(time.DateOnly)))
		}
		if source.Region != "" && source.Region != region {
			all = append(all, fmt.Sprintf("prices of %s are those of %s, not of %s: --prices gives others", source.File, source.Region, region))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
