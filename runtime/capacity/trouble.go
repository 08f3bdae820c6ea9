package capacity

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	// stormWindow in which interruptions are one storm.
	stormWindow = 15 * time.Minute
	// avoidFor is how long a zone or type is avoided after its last trouble.
	avoidFor = 20 * time.Minute
	// avoidAfter so many troubles within stormWindow.
	avoidAfter = 2
)

// storm says that spot is being taken back as fast as it comes: two
// interruptions or more within the window, and at least half of what there was.
func (t *trial) storm() bool {
	if t.group == nil {
		return false
	}
	interrupted := 0
	for _, trouble := range t.group.Trouble {
		if trouble.Spot && trouble.Kind == Interruption && t.now.Sub(trouble.At) < stormWindow {
			interrupted++
		}
	}
	return interrupted >= 2 && 2*interrupted >= t.group.Spot.usable()+interrupted
}

// margin is how many of the spot tasks are likely to be interrupted while a
// replacement starts (SkyServe, arXiv 2411.01438, over-provisions by such a
// margin). Less than one task is none.
func (t *trial) margin(spot int) int {
	if t.group == nil || spot == 0 {
		return 0
	}
	interrupted := 0
	for _, trouble := range t.group.Trouble {
		if trouble.Spot && trouble.Kind == Interruption && t.now.Sub(trouble.At) < time.Hour {
			interrupted++
		}
	}
	if interrupted < 2 {
		return 0
	}
	perHour := float64(interrupted) / float64(max(1, t.group.Spot.usable()))
	return min(spot, int(math.Floor(perHour*t.coldStart().Hours()*float64(spot))))
}

// avoid lists the zones and types of a group where trouble has piled up. A
// group with trouble in all its zones has none to avoid: it must be somewhere.
func avoid(now time.Time, group *GroupObserved) []Avoidance {
	var all []Avoidance
	seen := func(zone, kind string) int {
		return slices.IndexFunc(all, func(a Avoidance) bool { return a.Zone == zone && a.Type == kind })
	}
	counts := map[Avoidance]int{}
	for _, trouble := range group.Trouble {
		if !trouble.Spot || now.Sub(trouble.At) >= stormWindow {
			continue
		}
		for _, place := range []Avoidance{{Zone: trouble.Zone}, {Type: trouble.Type}} {
			if place == (Avoidance{}) {
				continue
			}
			counts[place]++
			if counts[place] < avoidAfter {
				continue
			}
			found := Avoidance{Group: group.Name, Zone: place.Zone, Type: place.Type, Until: trouble.At.Add(avoidFor),
				Reason: fmt.Sprintf("%d troubles within %v", counts[place], stormWindow)}
			if i := seen(place.Zone, place.Type); i >= 0 {
				all[i] = found
			} else {
				all = append(all, found)
			}
		}
	}
	return all
}
