package experiment

import (
	"cmp"
	"slices"
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

// Tandem is the id of the policy that is asked about.
const Tandem = "tandem"

// All and None are what can be compared with in place of ids.
const (
	All  = "all"
	None = "none"
)

// entrant is a policy that takes part.
type entrant struct {
	id, about string
	// new is called for each run, as policies remember.
	new func(e *Experiment) simulate.Policy
}

// peers that there are, in the order in which they are shown.
func peers() []entrant {
	return []entrant{
		{"on-demand-only", "sized as tandem's, and nothing but on-demand is bought",
			func(e *Experiment) simulate.Policy { return e.ours(policies.OnDemandOnly(e.worker())) }},
		{"spot-only", "sized as tandem's, and nothing but spot is bought: without spot, jobs wait",
			func(e *Experiment) simulate.Policy { return e.ours(policies.SpotOnly(e.worker())) }},
		{"cdk-spot", "the CDK's QueueProcessingEc2Service by its defaults, on spot",
			func(e *Experiment) simulate.Policy { return e.queueProcessing(true) }},
		{"cdk-on-demand", "the CDK's QueueProcessingEc2Service by its defaults, on on-demand",
			func(e *Experiment) simulate.Policy { return e.queueProcessing(false) }},
		{"backlog-spot", "target tracking of the backlog a task, as AWS recommends, on spot",
			func(e *Experiment) simulate.Policy { return e.backlog(true) }},
		{"backlog-on-demand", "target tracking of the backlog a task, as AWS recommends, on on-demand",
			func(e *Experiment) simulate.Policy { return e.backlog(false) }},
		{"skyserve", "SkyServe's SpotHedge: one spot instance too many, and on-demand for each that is missing",
			func(e *Experiment) simulate.Policy {
				s := &e.Scenario
				return &policies.SkyServe{Extra: 1, Maximum: max(1, s.Policy.Maximum-1), Slots: s.Instance.Slots, Duration: e.usual()}
			}},
		{"cant-be-late-greedy", "Can't Be Late: waits for spot, until a deadline forces on-demand",
			func(e *Experiment) simulate.Policy { return e.cantBeLate(false) }},
		{"cant-be-late-uniform", "Can't Be Late: on-demand for jobs that are behind an even share of their work",
			func(e *Experiment) simulate.Policy { return e.cantBeLate(true) }},
	}
}

// IDs of the policies to compare with.
func IDs() []string {
	var ids []string
	for _, peer := range peers() {
		ids = append(ids, peer.id)
	}
	return ids
}

// chosen are the policies that take part, the one that is asked about first.
func (e *Experiment) chosen() []entrant {
	all := []entrant{{Tandem, "the policy that a deployment runs: spot first, on-demand where spot does not come or a deadline needs it",
		func(e *Experiment) simulate.Policy { return e.ours(policies.NewOurs(e.worker())) }}}
	compare := e.Scenario.Compare
	for _, peer := range peers() {
		if slices.Contains(compare, All) || slices.Contains(compare, peer.id) {
			all = append(all, peer)
		}
	}
	return all
}

// usual is what a job takes until a policy has seen one.
func (e *Experiment) usual() time.Duration {
	return cmp.Or(e.Scenario.Durations.Mean.Std(), 10*time.Minute)
}

// ours knows how many instances of a kind its group may have.
func (e *Experiment) ours(policy *policies.Ours) simulate.Policy {
	s := &e.Scenario
	limit := func(maximum *int) int {
		if maximum == nil {
			return s.Policy.Maximum
		}
		return *maximum
	}
	policy.Policy.Groups = map[string]capacity.GroupPolicy{simulate.Worker: {GPUs: 1,
		SpotMaximum: limit(s.Instance.SpotMaximum), OnDemandMaximum: limit(s.Instance.OnDemandMaximum)}}
	return policy
}

func (e *Experiment) queueProcessing(spot bool) simulate.Policy {
	return policies.NewQueueProcessing(spot, e.Scenario.Policy.Maximum, e.Scenario.Instance.Slots)
}

func (e *Experiment) backlog(spot bool) simulate.Policy {
	s := &e.Scenario
	return policies.NewBacklogPerTask(spot, s.Policy.Maximum, s.Instance.Slots, cmp.Or(s.Policy.TargetWait.Std(), 5*time.Minute), e.usual())
}

func (e *Experiment) cantBeLate(uniform bool) simulate.Policy {
	s := &e.Scenario
	cold := e.fleet(0, nil).ColdStart.Total()
	return &policies.CantBeLate{Uniform: uniform, Maximum: s.Policy.Maximum, Slots: s.Instance.Slots, Changeover: cold + time.Minute}
}

// bounded holds every policy to what the group may have of each kind.
type bounded struct {
	simulate.Policy
	spot, onDemand *int
}

// Decide implements simulate.Policy.
func (b bounded) Decide(view *simulate.View) simulate.Target {
	target := b.Policy.Decide(view)
	if b.spot != nil {
		target.Spot = min(target.Spot, *b.spot)
	}
	if b.onDemand != nil {
		target.OnDemand = min(target.OnDemand, *b.onDemand)
	}
	return target
}
