package capacity

import "fmt"

// limit takes tasks away until groups and the environment's GPUs hold them all.
// What is busy is never taken away; of the rest, the worker with the most
// tasks gives first, so that none starves beside a greedy one.
func limit(decisions []WorkerDecision, trials []trial, policy Policy) {
	for name, group := range policy.Groups {
		for _, spot := range []bool{true, false} {
			most, what := group.OnDemandMaximum, "on-demand"
			if spot {
				most, what = group.SpotMaximum, "spot"
			}
			reduce(decisions, trials, spot, fmt.Sprintf("group %s has at most %d %s instances", name, most, what), func() bool {
				return instances(decisions, trials, name, group.GPUs, spot) <= most
			}, func(t *trial) bool { return t.policy.Group == name })
		}
	}
	if policy.MaximumGPUs <= 0 {
		return
	}
	fits := func() bool {
		gpus := 0
		for i := range decisions {
			if trials[i].worker != nil {
				gpus += decisions[i].Tasks() * trials[i].policy.GPUs
			}
		}
		return gpus <= policy.MaximumGPUs
	}
	usesGPUs := func(t *trial) bool { return t.policy.GPUs > 0 }
	reason := fmt.Sprintf("the environment has at most %d GPUs", policy.MaximumGPUs)
	reduce(decisions, trials, true, reason, fits, usesGPUs)
	reduce(decisions, trials, false, reason, fits, usesGPUs)
}

// reduce takes one task at a time from the worker that has most until it fits
// or nobody can give.
func reduce(decisions []WorkerDecision, trials []trial, spot bool, reason string, fits func() bool, concerns func(*trial) bool) {
	for !fits() {
		giver, most := -1, 0
		for i := range decisions {
			t := &trials[i]
			if t.worker == nil || !concerns(t) {
				continue
			}
			count, busy := decisions[i].OnDemand, t.worker.OnDemand.Busy
			if spot {
				count, busy = decisions[i].Spot, t.worker.Spot.Busy
			}
			if count > busy && count > most {
				giver, most = i, count
			}
		}
		if giver < 0 {
			return
		}
		if spot {
			decisions[giver].Spot--
		} else {
			decisions[giver].OnDemand--
		}
		if decisions[giver].Limited != reason {
			decisions[giver].Limited = reason
			decisions[giver].Reason += "; " + reason
		}
	}
}

// instances that a group needs for the tasks decided.
func instances(decisions []WorkerDecision, trials []trial, group string, gpus int, spot bool) int {
	count := 0
	for i := range decisions {
		if trials[i].worker == nil || trials[i].policy.Group != group {
			continue
		}
		tasks := decisions[i].OnDemand
		if spot {
			tasks = decisions[i].Spot
		}
		count += InstancesFor(gpus, Load{Tasks: tasks, GPUs: trials[i].policy.GPUs})
	}
	return count
}

// floor is how many instances a group needs for what was decided: those with a
// sick GPU and those that drain take no tasks, and count beside.
func floor(group *GroupObserved, decisions []WorkerDecision, trials []trial, policy Policy) GroupDecision {
	bounds := policy.Groups[group.Name]
	need := func(spot bool, have Instances, most int) int {
		count := instances(decisions, trials, group.Name, bounds.GPUs, spot)
		if count == 0 {
			return 0
		}
		return min(count+have.Impaired+have.Draining, most)
	}
	return GroupDecision{Name: group.Name,
		Spot:     need(true, group.Spot, bounds.SpotMaximum),
		OnDemand: need(false, group.OnDemand, bounds.OnDemandMaximum)}
}
