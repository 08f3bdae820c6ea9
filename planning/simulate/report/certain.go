package report

import "tandem/planning/simulate/experiment"

// differ tells whether two policies, by their positions, differ in a metric by
// more than chance: with 95 % confidence, on the difference between runs with the
// same seed where the Result has it, which is for the first policy and another;
// else on whether their intervals touch. One run is nothing but chance.
func differ(r *experiment.Result, one, other int, metric string) bool {
	if len(r.Seeds) < 2 {
		return false
	}
	if one == 0 || other == 0 {
		if d, ok := search(r.Policies[max(one, other)].Differences, metric); ok {
			return d.Low > 0 || d.High < 0
		}
	}
	a, known := find(r.Policies[one], metric)
	b, also := find(r.Policies[other], metric)
	return known && also && !(a.Low <= b.High && b.Low <= a.High)
}

// best policy by a measure, of those that do the work: it differs from all others.
// -1 where none does.
func best(r *experiment.Result, m measure) int {
	if m.better == 0 {
		return -1
	}
	var compared []int
	winner, value := -1, 0.0
	for i, policy := range r.Policies {
		if !does(r, policy) {
			continue
		}
		interval, ok := find(policy, m.metric)
		if !ok {
			return -1
		}
		compared = append(compared, i)
		if winner < 0 || float64(m.better)*(interval.Mean-value) > 0 {
			winner, value = i, interval.Mean
		}
	}
	if len(compared) < 2 {
		return -1
	}
	for _, i := range compared {
		if i != winner && !differ(r, winner, i, m.metric) {
			return -1
		}
	}
	return winner
}

// slack is how many more of the jobs a policy may leave undone than the one that
// leaves fewest, and still be compared: who does not do the work is always cheap.
const slack = 0.05

// does tells whether a policy does the work.
func does(r *experiment.Result, policy experiment.PolicyResult) bool {
	fewest := 1.0
	for _, other := range r.Policies {
		fewest = min(fewest, undone(other))
	}
	return undone(policy) <= fewest+slack
}

// undone is the share of a policy's jobs that missed their deadline or never ended.
func undone(policy experiment.PolicyResult) float64 {
	arrived, left := 0, 0
	for _, run := range policy.Runs {
		arrived += run.Arrived
		left += run.Missed + run.Unfinished
	}
	if arrived <= 0 {
		return 0
	}
	return float64(left) / float64(arrived)
}
