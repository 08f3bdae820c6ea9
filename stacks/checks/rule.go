package checks

// Rule is what is asked of templates, and why. docs/checks.md is made from it.
type Rule struct {
	// Name, as findings print it.
	Name string
	// Severity of its findings. Where a rule has lesser findings too, its text
	// says so.
	Severity Severity
	// What has to hold.
	What string
	// Why: what happens otherwise.
	Why string
	// Source of the fact that the rule rests on, and when it was read.
	Source, Checked string
	// Accepts are the rules of cdk-nag whose written reason on a resource
	// settles this rule there too.
	Accepts []string
	// Strict rules take no reason at all.
	Strict bool
}

// rule is a rule with its check.
type rule struct {
	Rule
	check func(c *checker)
}

// read is when the sources were read.
const read = "2026-11-24"

// rules in the order in which docs/checks.md lists them.
func rules() []rule {
	return []rule{
		// Instances.
		spotDraining(), taskIMDS(), imdsV2(), equalGPUCount(), capacityRebalance(), desiredCapacity(), volumeThroughput(),
		terminationProtectionDaemons(), capacityTeardown(), providerAssociated(),
		// Tasks and services.
		registeredMemory(), fargateSize(), stopTimeout(), desiredCountZero(), leavesZero(), healthGrace(), taskEgress(),
		// Queues, events and functions.
		queueVisibility(), queueRedrive(), lambdaLimits(), vpcFunctionEgress(), triggerLoop(), eventPatternSize(), serviceDelivery(),
		// The API.
		restTimeout(), restStreaming(), apiAccountRetained(),
		// Access.
		wildcardAction(), wildcardResource(), policySize(), securityGroupOpen(),
		// Stacks.
		templateLimits(), crossStackExport(), weakReference(), retainedState(), destroyClean(), logRetention(), tags(),
	}
}

// Rules lists what [Run] checks.
func Rules() []Rule {
	var all []Rule
	for _, r := range rules() {
		all = append(all, r.Rule)
	}
	return all
}
