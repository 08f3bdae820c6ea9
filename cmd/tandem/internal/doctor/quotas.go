package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/config"
)

// Quotas reads service quotas.
type Quotas interface {
	// Quota returns the applied value of a quota.
	Quota(ctx context.Context, service, code string) (float64, error)
	// LambdaConcurrency returns how many executions of Lambda functions may run at once.
	LambdaConcurrency(ctx context.Context) (int, error)
}

// purchase is one of the two ways to buy instances.
type purchase string

const (
	onDemand purchase = "on-demand"
	spot     purchase = "spot"
)

// quota is one of EC2's quotas of vCPUs.
type quota struct {
	purchase purchase
	// families of instance types that count, the most specific first.
	families []string
	code     string
	name     string
}

// vcpuQuotas are those of GPU instances
// (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html, 2026-11-24).
var vcpuQuotas = []quota{
	{onDemand, []string{"g", "vt"}, "L-DB2E81BA", "Running On-Demand G and VT instances"},
	{onDemand, []string{"p"}, "L-417A185B", "Running On-Demand P instances"},
	{spot, []string{"g", "vt"}, "L-3819A6DF", "All G and VT Spot Instance Requests"},
	{spot, []string{"p5"}, "L-C4BD4855", "All P5 Spot Instance Requests"},
	{spot, []string{"p"}, "L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"},
}

// quotaOf finds the quota that counts an instance type.
func quotaOf(by purchase, instanceType string) (quota, bool) {
	for _, q := range vcpuQuotas {
		if q.purchase == by && slices.ContainsFunc(q.families, func(family string) bool { return strings.HasPrefix(instanceType, family) }) {
			return q, true
		}
	}
	return quota{}, false
}

// vcpuCheck compares what the groups may grow to with the quotas, of which new
// accounts have 0.
type vcpuCheck struct {
	account Quotas
	config  *config.Config
	by      purchase
}

// Name implements Check.
func (c vcpuCheck) Name() string { return "gpu-quota-" + string(c.by) }

// What implements Check.
func (c vcpuCheck) What() string {
	return "the quotas of vCPUs let the " + string(c.by) + " GPU instances start"
}

// Run implements Check.
func (c vcpuCheck) Run(ctx context.Context) ([]Finding, error) {
	needs := c.needs()
	if len(needs) == 0 {
		return one(Skipped, "", "no capacity group has %s instances", c.by)
	}
	var findings []Finding
	for _, q := range vcpuQuotas {
		need, wanted := needs[q.code]
		if !wanted {
			continue
		}
		value, err := c.account.Quota(ctx, "ec2", q.code)
		if err != nil {
			return findings, fmt.Errorf("reading the quota '%s': %w", q.name, err)
		}
		findings = append(findings, need.judge(q, int(value)))
	}
	return findings, nil
}

// vcpuNeed is what the groups under one quota need.
type vcpuNeed struct {
	// least is what the smallest single instance takes, most what all groups
	// take at their maximum.
	least, most int
}

// needs sums up the groups by quota. A group counts where its types count,
// each with its largest type: which one comes is not known before.
func (c vcpuCheck) needs() map[string]vcpuNeed {
	needs := map[string]vcpuNeed{}
	for _, group := range usedGroups(c.config) {
		maximum := group.OnDemand.Maximum
		if c.by == spot {
			maximum = group.Spot.Maximum
		}
		if maximum == nil || *maximum == 0 {
			continue
		}
		largest := map[string]int{}
		for _, name := range group.InstanceTypes {
			kind, known := config.LookupInstanceType(name)
			q, counted := quotaOf(c.by, name)
			if !known || !counted {
				continue
			}
			need := needs[q.code]
			if need.least == 0 || kind.VCPUs < need.least {
				need.least = kind.VCPUs
			}
			needs[q.code] = need
			largest[q.code] = max(largest[q.code], kind.VCPUs)
		}
		for code, vcpus := range largest {
			need := needs[code]
			need.most += vcpus * *maximum
			needs[code] = need
		}
	}
	return needs
}

func (n vcpuNeed) judge(q quota, value int) Finding {
	ask := fmt.Sprintf("ask for %d: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code %s --desired-value %d",
		n.most, q.code, n.most)
	switch {
	case value < n.least:
		return finding(Fail, ask, "'%s' is %d, and one instance takes %d vCPUs at least", q.name, value, n.least)
	case value < n.most:
		return finding(Warn, ask, "'%s' is %d; the groups may grow to %d vCPUs", q.name, value, n.most)
	default:
		return finding(OK, "", "'%s' is %d; the groups may grow to %d vCPUs", q.name, value, n.most)
	}
}

// lambdaCheck compares the account's concurrency, of which new accounts have 10.
type lambdaCheck struct {
	account Quotas
	assumed int
}

// leastConcurrency is where throttling shows with the first few callers: each
// stream of events holds one execution, and the janitors take three a minute.
const leastConcurrency = 100

// Name implements Check.
func (lambdaCheck) Name() string { return "lambda-concurrency" }

// What implements Check.
func (lambdaCheck) What() string { return "enough Lambda functions may run at once" }

// Run implements Check.
func (c lambdaCheck) Run(ctx context.Context) ([]Finding, error) {
	value, err := c.account.LambdaConcurrency(ctx)
	if err != nil {
		return nil, err
	}
	const ask = "ask for %d: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d"
	switch {
	case value < leastConcurrency:
		return one(Fail, fmt.Sprintf(ask, 1000, 1000), "%d executions at once, as new accounts have it: a few watched jobs use that up", value)
	case value < c.assumed:
		return one(Warn, fmt.Sprintf(ask, c.assumed, c.assumed)+", or set aws.quotas.lambdaConcurrency to what there is",
			"%d executions at once, and the configuration assumes %d", value, c.assumed)
	default:
		return one(OK, "", "%d executions at once", value)
	}
}
