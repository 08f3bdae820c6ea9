package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
)

// upTo marks zero to at least a value at so many round distances of 1, 2 or 5 at
// most, and says where the axis ends: at the last mark.
func upTo(highest float64, most float64, u unit) (float64, plot.ConstantTicks) {
	if !(highest > 1e-9) || !known(highest) {
		highest = 1
	}
	step := math.Pow10(int(math.Floor(math.Log10(highest / most))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if step*factor*most >= highest*(1-1e-9) {
			step *= factor
			break
		}
	}
	return marks(highest, step, u)
}

// upToTime does so for seconds, at distances that a clock has.
func upToTime(highest float64) (float64, plot.ConstantTicks) {
	if !(highest > 1e-9) || !known(highest) {
		highest = minute
	}
	steps := []float64{1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
		hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, year}
	for _, step := range steps {
		if highest >= 5 && step*8 >= highest {
			return marks(highest, step, seconds)
		}
	}
	return upTo(highest, 5, seconds)
}

func marks(highest, step float64, u unit) (float64, plot.ConstantTicks) {
	var ticks plot.ConstantTicks
	for i := 0; ; i++ {
		value := float64(i) * step
		label := u.rough(value)
		if u == seconds && step >= day && step < year {
			label = significant(value/day, 4) + space + "d"
		} else if u == seconds && step >= hour && step < day {
			label = significant(value/hour, 4) + space + "h"
		}
		ticks = append(ticks, plot.Tick{Value: value, Label: label})
		if value >= highest*(1-1e-9) {
			return value, ticks
		}
	}
}

// moments are the marks of a logarithmic axis of time, and what is marked between
// them where there are few.
func moments() (far, near []float64) {
	far = []float64{0.001, 0.01, 0.1, 1, 10, minute, 10 * minute, hour, 6 * hour, day, 7 * day, 30 * day, year, 10 * year, 100 * year, 1000 * year, 1e5 * year, 1e8 * year}
	near = append(near, far...)
	near = append(near, 0.2, 0.5, 2, 5, 20, 30, 2*minute, 5*minute, 20*minute, 30*minute, 2*hour, 3*hour, 12*hour, 2*day, 4*day, 14*day, 90*day, 2*year, 5*year)
	slices.Sort(near)
	return far, near
}

// logTime marks the moments around what lies between two, both above 0.
func logTime(lowest, highest float64) (from, to float64, ticks plot.ConstantTicks) {
	far, near := moments()
	marked := surrounding(near, lowest, highest)
	if len(marked) > 9 {
		marked = surrounding(far, lowest, highest)
	}
	for _, value := range marked {
		label := seconds.rough(value)
		if value >= day && value < year {
			label = significant(value/day, 2) + space + "d"
		}
		ticks = append(ticks, plot.Tick{Value: value, Label: label})
	}
	return marked[0], marked[len(marked)-1], ticks
}

// surrounding are those of some values in ascending order that lie between two,
// one below and one above included; two at least.
func surrounding(all []float64, lowest, highest float64) []float64 {
	first, found := slices.BinarySearch(all, lowest)
	if !found {
		first = max(first-1, 0)
	}
	last, _ := slices.BinarySearch(all, highest)
	last = min(max(last, first+1), len(all)-1)
	return all[min(first, last-1) : last+1]
}
