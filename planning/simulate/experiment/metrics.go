package experiment

import "tandem/planning/simulate"

// hoursAMonth as AWS's calculators count.
const hoursAMonth = 730

// Metric of a run.
type Metric struct {
	// Name in a Result.
	Name string
	// Of a run. Times are in seconds but for those named hours, money in USD.
	Of func(s simulate.Summary) float64
	// Dated metrics mean something only where jobs have deadlines.
	Dated bool
}

// Metrics in the order of a Result.
func Metrics() []Metric {
	count := func(of func(s simulate.Summary) int) func(simulate.Summary) float64 {
		return func(s simulate.Summary) float64 { return float64(of(s)) }
	}
	return []Metric{
		{Name: "cost", Of: func(s simulate.Summary) float64 { return s.Cost }},
		// By the time in which jobs came: who ends late has no longer month for it.
		{Name: "costPerMonth", Of: func(s simulate.Summary) float64 { return over(s.Cost, s.ArrivalSeconds/3600) * hoursAMonth }},
		// Jobs that succeeded. Where none did, all that it cost was for one that did not.
		{Name: "costPerJob", Of: func(s simulate.Summary) float64 { return s.Cost / float64(max(s.Succeeded, 1)) }},
		{Name: "waitMean", Of: func(s simulate.Summary) float64 { return s.Wait.Mean }},
		{Name: "waitP50", Of: func(s simulate.Summary) float64 { return s.Wait.P50 }},
		{Name: "waitP95", Of: func(s simulate.Summary) float64 { return s.Wait.P95 }},
		{Name: "waitP99", Of: func(s simulate.Summary) float64 { return s.Wait.P99 }},
		{Name: "waitMax", Of: func(s simulate.Summary) float64 { return s.Wait.Max }},
		{Name: "slowdownP50", Of: func(s simulate.Summary) float64 { return s.Slowdown.P50 }},
		{Name: "slowdownP95", Of: func(s simulate.Summary) float64 { return s.Slowdown.P95 }},
		{Name: "missed", Of: count(func(s simulate.Summary) int { return s.Missed }), Dated: true},
		{Name: "missedShare", Of: func(s simulate.Summary) float64 { return over(float64(s.Missed), float64(s.Deadlines)) }, Dated: true},
		{Name: "missedInReach", Of: count(func(s simulate.Summary) int { return s.MissedInReach }), Dated: true},
		{Name: "missedInReachShare", Of: func(s simulate.Summary) float64 { return over(float64(s.MissedInReach), float64(s.Deadlines)) }, Dated: true},
		{Name: "interruptions", Of: count(func(s simulate.Summary) int { return s.Interruptions })},
		{Name: "wastedHours", Of: func(s simulate.Summary) float64 { return s.WastedSeconds / 3600 }},
		{Name: "wastedShare", Of: func(s simulate.Summary) float64 { return over(s.WastedSeconds, s.OccupiedSeconds) }},
		{Name: "utilisation", Of: func(s simulate.Summary) float64 { return s.Utilisation }},
		{Name: "spotHours", Of: func(s simulate.Summary) float64 { return s.SpotSeconds / 3600 }},
		{Name: "onDemandHours", Of: func(s simulate.Summary) float64 { return s.OnDemandSeconds / 3600 }},
		{Name: "launches", Of: count(func(s simulate.Summary) int { return s.Launches })},
		{Name: "launchFailures", Of: count(func(s simulate.Summary) int { return s.LaunchFailures })},
		{Name: "jobs", Of: count(func(s simulate.Summary) int { return s.Arrived })},
		{Name: "unfinished", Of: count(func(s simulate.Summary) int { return s.Unfinished })},
	}
}

// over is a quotient; 0 over nothing.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
