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

// slack is how much more of the deadlines a policy may miss than the one that
// misses fewest, or of the jobs leave unfinished, and still be compared: who does
// not do the work is always cheap.
const slack = 0.02

// does tells whether a policy does the work.
func does(r *experiment.Result, policy experiment.PolicyResult) bool {
	missed, unfinished := 1.0, 1.0
	for _, other := range r.Policies {
		m, u := undone(other)
		missed, unfinished = min(missed, m), min(unfinished, u)
	}
	m, u := undone(policy)
	return m <= missed+slack && u <= unfinished+slack
}

// undone is which share of the deadlines a policy missed, and which share of the
// jobs had not ended when the run was given up.
func undone(policy experiment.PolicyResult) (missed, unfinished float64) {
	arrived, dated := 0, 0
	for _, run := range policy.Runs {
		arrived += run.Arrived
		dated += run.Deadlines
		missed += float64(run.Missed)
		unfinished += float64(run.Unfinished)
	}
	return missed / float64(max(dated, 1)), unfinished / float64(max(arrived, 1))
}

// failure of a policy in words.
func failure(policy experiment.PolicyResult) string {
	missed, unfinished := undone(policy)
	if missed >= unfinished {
		return share.rough(missed) + " of deadlines missed"
	}
	return share.rough(unfinished) + " of jobs unfinished"
}
