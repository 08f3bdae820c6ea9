package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The tiers by which costs are told apart.
const (
	tierShared  = "shared"
	tierRequest = "request"
	tierJobs    = "jobs"
	tierModels  = "models"
	tierEvents  = "events"
)

// tag puts name, environment and the user's own tags on every resource below a
// scope; which tier it belongs to is said by each stack.
func (p *Props) tag(scope constructs.IConstruct) {
	tags := awscdk.Tags_Of(scope)
	tags.Add(jsii.String("application"), &p.Config.Name, nil)
	tags.Add(jsii.String("environment"), &p.Environment, nil)
	for _, key := range slices.Sorted(maps.Keys(p.Config.Tags)) {
		tags.Add(jsii.String(key), jsii.String(p.Config.Tags[key]), nil)
	}
}

// retier puts a tier on every resource below a scope. A deeper scope's wins.
func retier(scope constructs.IConstruct, tier string) {
	awscdk.Tags_Of(scope).Add(jsii.String("tier"), &tier, nil)
}
