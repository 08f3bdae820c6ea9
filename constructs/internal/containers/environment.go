package containers

import (
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Environment returns variables as a container takes them, with the region: on
// an instance nothing else tells an AWS SDK where it is, as tasks cannot reach
// the instance metadata. (Fargate tells it; the same value does no harm.)
func Environment(scope constructs.Construct, variables map[string]string) *map[string]*string {
	with := map[string]string{"AWS_REGION": *awscdk.Stack_Of(scope).Region()}
	maps.Copy(with, variables)
	all := map[string]*string{}
	for name, value := range with {
		all[name] = jsii.String(value)
	}
	return &all
}
