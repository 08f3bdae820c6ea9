package advise

import (
	"fmt"
	"math"

	"tandem/config"
)

// Quantiles describe how long a task takes. What lies between is taken to be
// log-normal: straight lines on a logarithmic scale. One figure alone means
// that a task always takes so long.
type Quantiles struct {
	P50 config.Duration `yaml:"p50"`
	P90 config.Duration `yaml:"p90"`
	P95 config.Duration `yaml:"p95"`
	P99 config.Duration `yaml:"p99"`
	// Max is the longest that there is; nothing goes past it.
	Max config.Duration `yaml:"max"`
}

// point is one percentile: z of the standard normal, and the natural
// logarithm of the seconds.
type point struct{ share, z, log float64 }

func (q Quantiles) points() []point {
	var all []point
	for _, given := range []struct {
		share, z float64
		value    config.Duration
	}{{.50, 0, q.P50}, {.90, 1.2816, q.P90}, {.95, 1.6449, q.P95}, {.99, 2.3263, q.P99}} {
		if given.value > 0 {
			all = append(all, point{given.share, given.z, math.Log(given.value.Seconds())})
		}
	}
	return all
}

func (q Quantiles) empty() bool { return len(q.points()) == 0 }

func (q Quantiles) problem() string {
	points := q.points()
	for i := 1; i < len(points); i++ {
		if points[i].log < points[i-1].log {
			return fmt.Sprintf("p%g is shorter than p%g", points[i].share*100, points[i-1].share*100)
		}
	}
	if len(points) == 0 && q.Max > 0 {
		return "max alone says little: give p50 too"
	}
	if last := len(points) - 1; last >= 0 && q.Max > 0 && math.Log(q.Max.Seconds()) < points[last].log-1e-9 {
		return fmt.Sprintf("max is shorter than p%g", points[last].share*100)
	}
	return ""
}

// slope is the spread of the logarithm at a segment; 0 where all is one figure.
func slope(points []point, i int) float64 {
	if len(points) < 2 {
		return 0
	}
	i = min(max(i, 0), len(points)-2)
	return (points[i+1].log - points[i].log) / (points[i+1].z - points[i].z)
}

// at is the duration in seconds that a share of tasks stays below.
func (q Quantiles) at(share float64) float64 { return q.on(q.points(), share) }

func (q Quantiles) on(points []point, share float64) float64 {
	if len(points) == 0 {
		return 0
	}
	z := math.Sqrt2 * math.Erfinv(2*share-1)
	i := 0
	for i < len(points)-2 && z > points[i+1].z {
		i++
	}
	return q.bounded(math.Exp(points[i].log + slope(points, i)*(z-points[i].z)))
}

func (q Quantiles) bounded(seconds float64) float64 {
	if q.Max > 0 {
		return min(seconds, q.Max.Seconds())
	}
	return seconds
}

// above is the share of tasks that take longer than a limit in seconds.
func (q Quantiles) above(limit float64) float64 {
	points := q.points()
	if len(points) == 0 || q.Max > 0 && limit >= q.Max.Seconds() {
		return 0
	}
	log := math.Log(limit)
	i := 0
	for i < len(points)-2 && log > points[i+1].log {
		i++
	}
	spread := slope(points, i)
	if spread < 1e-12 { // always so long
		if log < points[i].log-1e-12 {
			return 1
		}
		return 0
	}
	return math.Erfc((points[i].z+(log-points[i].log)/spread)/math.Sqrt2) / 2
}

// moments are the mean and the mean of the square, in seconds, over 500
// slices of equal probability.
func (q Quantiles) moments() (mean, square float64) {
	const slices = 500
	points := q.points()
	for i := range slices {
		s := q.on(points, (float64(i)+0.5)/slices)
		mean += s / slices
		square += s * s / slices
	}
	return mean, square
}

// times stretches all figures.
func (q Quantiles) times(factor float64) Quantiles {
	stretch := func(d config.Duration) config.Duration { return config.Duration(float64(d) * factor) }
	return Quantiles{stretch(q.P50), stretch(q.P90), stretch(q.P95), stretch(q.P99), stretch(q.Max)}
}
