package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tandem/planning/simulate/experiment"
)

// verdict is what the figures say, in words.
type verdict struct {
	// Sentence to decide by, and what else has to be known.
	Sentence string
	Notes    []string
	// Decided is false where more runs or policies are needed, or a choice between
	// cost and wait.
	Decided bool
}

// rival is a policy whose cost is known.
type rival struct {
	policy experiment.PolicyResult
	// number of the policy; the first is the one that was asked about.
	number int
	cost   experiment.Interval
}

// judge tells which policy is cheapest, at what wait, and whether that is certain.
func judge(r *experiment.Result) verdict {
	if len(r.Policies) == 0 {
		return verdict{Sentence: "No policy was run, so there is nothing to decide."}
	}
	if noJobs(r) {
		return verdict{Sentence: "No job arrived, so there is nothing to decide: what was billed is what the fleet costs while it idles."}
	}
	j := judgement{result: r}
	j.metric, j.per = costMetric(r)
	var all []rival
	for i, policy := range r.Policies {
		if cost, ok := find(policy, j.metric); ok {
			all = append(all, rival{policy, i, cost})
		}
	}
	if len(all) == 0 {
		return verdict{Sentence: "What the policies cost is not known, so there is nothing to decide."}
	}
	slices.SortStableFunc(all, func(a, b rival) int { return cmp.Compare(a.cost.Mean, b.cost.Mean) })
	for _, one := range all {
		if does(r, one.policy) {
			j.working = append(j.working, one)
		} else {
			j.failing = append(j.failing, one)
		}
	}
	if len(j.working) == 0 {
		return verdict{Sentence: "No policy whose cost is known does the work, so there is nothing to decide.", Notes: j.remarks()}
	}
	return j.verdict()
}

// judgement of policies, each list from the cheapest.
type judgement struct {
	result           *experiment.Result
	metric, per      string
	working, failing []rival
}

func (j judgement) verdict() verdict {
	cheapest := j.working[0]
	others := j.working[1:]
	among := fmt.Sprintf("the %d policies", len(j.result.Policies))
	if len(j.failing) > 0 {
		among = fmt.Sprintf("the %d policies that do the work", len(j.working))
	}
	switch {
	case len(others) == 0 && len(j.failing) == 0:
		v := verdict{Sentence: sentence(cheapest.policy.ID+" costs "+j.terms(cheapest), waitOf(cheapest), missesOf(cheapest))}
		if len(j.result.Policies) == 1 {
			v.Notes = append(v.Notes, "Nothing was compared: only another policy beside it can tell whether this is cheap.")
		} else {
			v.Notes = append(v.Notes, "What the other policies cost is not known.")
		}
		if len(j.result.Seeds) < 2 {
			v.Notes = append(v.Notes, "It is one run, which may have been better or worse than usual: more seeds tell by how much.")
		}
		return v
	case len(others) == 0:
		return verdict{Decided: len(j.result.Seeds) > 1, Notes: j.remarks(),
			Sentence: sentence("Only "+cheapest.policy.ID+" does the work: it costs "+j.terms(cheapest), waitOf(cheapest), missesOf(cheapest))}
	case len(j.result.Seeds) < 2:
		return verdict{Notes: append([]string{"Run more seeds to see what is chance."}, j.remarks()...),
			Sentence: sentence(fmt.Sprintf("In a single run, which decides nothing, %s was the cheapest of %s: %s", cheapest.policy.ID, among, j.terms(cheapest)), waitOf(cheapest), missesOf(cheapest))}
	}
	var rivals []string
	for _, other := range others {
		if !differ(j.result, cheapest.number, other.number, j.metric) {
			rivals = append(rivals, fmt.Sprintf("%s (%s to %s)", other.policy.ID, money.rough(other.cost.Low), money.rough(other.cost.High)))
		}
	}
	if len(rivals) > 0 {
		return verdict{
			Sentence: sentence(fmt.Sprintf("It is not decided which of %s is cheapest: what %s costs, %s to %s%s, is too close to %s", among, cheapest.policy.ID,
				money.rough(cheapest.cost.Low), money.rough(cheapest.cost.High), j.per, enumerate(rivals))),
			Notes: append([]string{j.wins(cheapest, others[0]) + "More seeds make the intervals narrower.",
				sentence(cheapest.policy.ID+" costs "+j.terms(cheapest)+" on average", waitOf(cheapest), missesOf(cheapest))}, j.remarks()...),
		}
	}
	claim := fmt.Sprintf("%s is the cheapest of %s: %s, %s less than the next, %s", cheapest.policy.ID, among, j.terms(cheapest),
		share.rough(1-cheapest.cost.Mean/others[0].cost.Mean), others[0].policy.ID)
	if j.slow(cheapest) {
		return verdict{Sentence: sentence(claim+", but "+strings.Replace(waitOf(cheapest), "at most", "up to", 1), missesOf(cheapest)), Notes: j.remarks()}
	}
	return verdict{Decided: true, Sentence: sentence(claim, waitOf(cheapest), missesOf(cheapest)), Notes: j.remarks()}
}

// slow is who has jobs wait more than twice as long as the fastest: whether that
// is worth the money is not for figures to decide.
func (j judgement) slow(one rival) bool {
	fastest := j.fastest()
	own, known := find(one.policy, waitP95)
	least, also := find(fastest.policy, waitP95)
	return known && also && fastest.number != one.number && own.Mean > 2*least.Mean
}

// fastest of those that do the work, which is the cheapest unless another one is
// faster by more than chance.
func (j judgement) fastest() rival {
	fastest := j.working[0]
	for _, other := range j.working[1:] {
		wait, known := find(other.policy, waitP95)
		least, also := find(fastest.policy, waitP95)
		if known && also && wait.Mean < least.Mean && differ(j.result, other.number, fastest.number, waitP95) {
			fastest = other
		}
	}
	return fastest
}

// terms are what a policy costs.
func (j judgement) terms(one rival) string {
	text := money.rough(one.cost.Mean) + j.per
	if job, ok := find(one.policy, costPerJob); ok {
		text += fmt.Sprintf(" (%s a job)", money.rough(job.Mean))
	}
	return text
}

// remarks are what else has to be known, and who is left out.
func (j judgement) remarks() []string {
	var notes []string
	if len(j.working) > 0 {
		notes = j.beyondCost()
	}
	var out []string
	for _, one := range j.failing {
		out = append(out, fmt.Sprintf("%s (%s%s, %s)", one.policy.ID, money.rough(one.cost.Mean), j.per, failure(one.policy)))
	}
	if len(out) > 0 {
		notes = append(notes, "Left out, as the work is not done: "+enumerate(out)+".")
	}
	return notes
}

// beyondCost is what the policy that was asked about is beside the cheapest, and
// who is faster than that.
func (j judgement) beyondCost() []string {
	var notes []string
	cheapest, fastest := j.working[0], j.fastest()
	for _, one := range j.working[1:] {
		if one.number == 0 {
			terms := fmt.Sprintf("%s, the policy that was asked about, costs %s%s, %s", one.policy.ID, money.rough(one.cost.Mean), j.per, beside(one, cheapest))
			wait := waitOf(one)
			if wait != "" && one.number == fastest.number {
				wait = "no policy’s jobs certainly wait less: " + wait
			}
			notes = append(notes, sentence(terms, wait, missesOf(one)))
		}
	}
	if fastest.number != cheapest.number && fastest.number != 0 {
		wait, _ := find(fastest.policy, waitP95)
		notes = append(notes, fmt.Sprintf("Jobs wait least with %s, 95\u00a0%% of them at most %s; it costs %s.", fastest.policy.ID, seconds.rough(wait.Mean), beside(fastest, cheapest)))
	}
	return notes
}

// beside tells how much more one costs than another.
func beside(one, other rival) string {
	times := one.cost.Mean / other.cost.Mean
	switch {
	case !known(times) || times < 1:
		return money.rough(one.cost.Mean) + " instead of " + money.rough(other.cost.Mean)
	case times < 2:
		return share.rough(times-1) + " more than " + other.policy.ID
	default:
		return significant(times, 2) + " times as much as " + other.policy.ID
	}
}

// wins counts the runs in which one cost less than another: they saw the same arrivals.
func (j judgement) wins(one, other rival) string {
	a, b := one.policy.Runs, other.policy.Runs
	if len(a) != len(b) || len(a) != len(j.result.Seeds) {
		return ""
	}
	won := 0
	for i := range a {
		if a[i].Cost < b[i].Cost {
			won++
		}
	}
	return fmt.Sprintf("On the same arrivals, %s was cheaper than %s in %d of %d runs. ", one.policy.ID, other.policy.ID, won, len(a))
}

// sentence joins clauses, leaving out those that are empty.
func sentence(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(clauses, func(s string) bool { return s == "" }), "; ") + "."
}

func waitOf(one rival) string {
	wait, ok := find(one.policy, waitP95)
	switch {
	case !ok:
		return ""
	case wait.Mean <= 0:
		return "95\u00a0% of its jobs do not wait at all"
	default:
		return "95\u00a0% of its jobs wait at most " + seconds.rough(wait.Mean)
	}
}

// missesOf tells of deadlines, where enough are missed to bear on a decision.
func missesOf(one rival) string {
	missed, ok := find(one.policy, missedShare)
	if !ok || missed.Mean < 0.001 {
		return ""
	}
	return "it misses " + share.rough(missed.Mean) + " of the deadlines"
}

func noJobs(r *experiment.Result) bool {
	runs := 0
	for _, policy := range r.Policies {
		for _, run := range policy.Runs {
			runs++
			if run.Arrived > 0 {
				return false
			}
		}
	}
	return runs > 0
}

func enumerate(items []string) string {
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
