package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/config"
)

const (
	// stopChain is the most that containers of one task may take to stop, one
	// after the other, in seconds: the spot notice less what the agent takes to
	// see it and ECS to act.
	stopChain = 110
	// stopDefault is what ECS takes where neither the container nor
	// ECS_CONTAINER_STOP_TIMEOUT of its instance says another, in seconds
	// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html, 2026-11-24).
	stopDefault = 30
)

func stopTimeout() rule {
	return rule{Rule{
		Name:     "stop-timeout",
		Severity: Error,
		What: "On spot each container stops in less than 120 s, and containers that depend on each other in 110 s together. " +
			"On Fargate the limit of 120 s always holds.",
		Why: "A spot instance ends two minutes after its notice. Containers stop one after the other, dependents first, " +
			"so that their times add up: the last one would be killed without its checkpoint.",
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html, " +
			"https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
		Checked: read,
	}, func(c *checker) {
		var judged []*resource
		for _, s := range c.fleet().services {
			if s.task == nil || slices.Contains(judged, s.task) || !s.spot() && !s.fargate {
				continue
			}
			judged = append(judged, s.task)
			if !c.judgeStops(s) && s.spot() {
				c.judgeStopChain(s)
			}
		}
	}}
}

// stopDefault is the longest time that a container without a timeout of its own
// may take, on whichever instance its task is placed.
func (s *service) stopDefault() float64 {
	longest := 0.0
	for _, g := range s.groups {
		if seconds, err := time.ParseDuration(g.agentSetting("ECS_CONTAINER_STOP_TIMEOUT")); err == nil {
			longest = max(longest, seconds.Seconds())
		}
	}
	if longest == 0 {
		return stopDefault
	}
	return longest
}

func (c *checker) judgeStops(s *service) (reported bool) {
	limit := config.ECSStopTimeout.Seconds()
	for _, container := range containers(s.task) {
		seconds, known := container.At("StopTimeout").NumberOr(s.stopDefault())
		if !known || seconds < limit || seconds == limit && !s.spot() {
			continue
		}
		reported = true
		c.report(s.task, problem{
			found:    fmt.Sprintf("a stop timeout of %g s on container %s", seconds, container.At("Name").Text()),
			expected: fmt.Sprintf("less than %g s", limit), fix: "lower it", key: "stopTimeout",
		})
	}
	return reported
}

func (c *checker) judgeStopChain(s *service) {
	chain, seconds := longestStop(containers(s.task), s.stopDefault())
	if seconds > stopChain {
		c.report(s.task, problem{
			found:    fmt.Sprintf("%g s until %s have stopped, one after the other", seconds, strings.Join(chain, ", then ")),
			expected: fmt.Sprintf("%d s or less", stopChain), fix: "lower a stop timeout", key: "stopTimeout",
		})
	}
}

// stop is how a container comes to its end: after those that need it.
type stop struct {
	own   float64
	needs []string
	// chain is what stops from this container on, and seconds how long it
	// takes; known once they are.
	chain   []string
	seconds float64
	known   bool
}

// longestStop is the chain of containers that takes longest to stop, in the
// order of stopping. A container that another waits for to complete has ended
// by then and takes no time.
func longestStop(all []value, otherwise float64) (chain []string, seconds float64) {
	stops := map[string]*stop{}
	for _, container := range all {
		each := &stop{}
		each.own, _ = container.At("StopTimeout").NumberOr(otherwise)
		for _, dependency := range container.At("DependsOn").List() {
			if condition := dependency.At("Condition"); condition.Is("START") || condition.Is("HEALTHY") {
				each.needs = append(each.needs, dependency.At("ContainerName").Text())
			}
		}
		stops[container.At("Name").Text()] = each
	}
	for _, name := range sortedKeys(stops) {
		if each := follow(stops, name); each.seconds > seconds {
			chain, seconds = each.chain, each.seconds
		}
	}
	return chain, seconds
}

func follow(stops map[string]*stop, name string) *stop {
	each := stops[name]
	if each == nil {
		return &stop{}
	}
	if each.known {
		return each
	}
	// Known before it is: containers that need each other end the search.
	each.known, each.chain, each.seconds = true, []string{name}, each.own
	longest := &stop{}
	for _, next := range each.needs {
		if after := follow(stops, next); after.seconds > longest.seconds {
			longest = after
		}
	}
	each.chain = append(each.chain, longest.chain...)
	each.seconds += longest.seconds
	return each
}
