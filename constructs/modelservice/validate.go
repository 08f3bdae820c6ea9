package modelservice

import (
	"fmt"

	"github.com/aws/constructs-go/constructs/v10"

	"tandem/constructs/internal/check"
	"tandem/runtime/settings"
)

// The load balancer's and CloudWatch's limits.
const (
	// maxStream is the longest deregistration delay, in seconds
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html, 2026-11-24).
	maxStream = 3600
	// maxColdStart keeps an alarm's evaluation within a day, in seconds
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html, 2026-11-24).
	maxColdStart = 3 * 3600
)

func required(scope constructs.Construct, props *Props) {
	check.Required(scope, "modelservice", map[string]bool{
		"Cluster": props.Cluster == nil, "VPC": props.VPC == nil, "Name": props.Name == "", "Image": props.Image == nil,
		"GPUs": props.GPUs == 0, "MemoryMiB": props.MemoryMiB == 0, "Maximum": props.Maximum == 0,
		"WorkerImage": (props.Weights != nil || props.WarmUp != nil) && props.WorkerImage == nil,
		"WarmUp.Path": props.WarmUp != nil && props.WarmUp.Path == "", "WarmUp.Body": props.WarmUp != nil && props.WarmUp.Body == "",
	})
}

// validate reports what AWS would refuse, or accept and never place. It returns
// props with which the synth can go on, so that all errors are reported.
func validate(scope constructs.Construct, props Props) Props {
	if props.SpotProviderName == nil && props.OnDemandProviderName == nil {
		check.Error(scope, check.Finding{
			Rule: "service-has-capacity", Found: "no capacity provider", Expected: "spot, on-demand, or both",
			Fix: "give the service's group a maximum above 0",
		})
	}
	if props.OnDemandBase > 0 && props.OnDemandProviderName == nil {
		check.Error(scope, check.Finding{
			Rule: "base-is-on-demand", Found: fmt.Sprintf("%d tasks that run on-demand in a group without on-demand instances", props.OnDemandBase),
			Expected: "a group with them", Fix: "raise the group's on-demand maximum, or set the service's onDemandBase to 0",
		})
		props.OnDemandBase = 0
	}
	if props.Minimum > props.Maximum {
		check.Error(scope, check.Finding{
			Rule: "bounds-in-order", Found: fmt.Sprintf("%d tasks at least and %d at most", props.Minimum, props.Maximum),
			Expected: "the minimum not above the maximum", Fix: "change one",
		})
		props.Minimum = props.Maximum
	}
	if stream := secondsOf(props.StreamTimeout); stream > maxStream {
		check.Error(scope, check.Finding{
			Rule: "stream-timeout", Found: fmt.Sprintf("answers of %v s", stream), Expected: fmt.Sprintf("at most %d s", maxStream),
			Fix: "make longer work a job",
		})
		props.StreamTimeout = seconds(maxStream)
	}
	if cold := secondsOf(props.ColdStart); cold > maxColdStart {
		check.Error(scope, check.Finding{
			Rule: "cold-start", Found: fmt.Sprintf("a start of %v s", cold), Expected: fmt.Sprintf("at most %d s", maxColdStart),
			Fix: "bring the weights to the host first, with weights",
		})
		props.ColdStart = seconds(maxColdStart)
	}
	if props.WarmUp != nil && props.Port == settings.WarmPort {
		check.Error(scope, check.Finding{
			Rule: "warm-up-port", Found: fmt.Sprintf("a server on port %d, where its health checks are answered", props.Port),
			Expected: "another port", Fix: "let the server listen on 8000",
		})
	}
	return props
}
