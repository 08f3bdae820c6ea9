package gpucapacity

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"tandem/constructs/internal/check"
)

func required(scope constructs.Construct, stack awscdk.Stack, props *Props) {
	check.Required(scope, "gpucapacity", map[string]bool{
		"Cluster": props.Cluster == nil, "VPC": props.VPC == nil, "InstanceTypes": len(props.InstanceTypes) == 0,
		"GPUs": props.GPUs == 0, "EmptyFunction": props.EmptyFunction == nil,
	})
	if awscdk.Stack_Of(props.Cluster) != stack {
		panic(*scope.Node().Path() + ": gpucapacity.Props.Cluster is in another stack; groups could then not be emptied before the cluster lets go of them")
	}
}

// validate reports what AWS would refuse, or accept and never launch. It returns
// props with which the synth can go on, so that all errors are reported.
func validate(scope constructs.Construct, props Props) Props {
	if props.SpotMaximum <= 0 && props.OnDemandMaximum <= 0 {
		check.Error(scope, check.Finding{
			Rule: "capacity-has-instances", Found: "a maximum of 0 spot and 0 on-demand instances",
			Expected: "at least one of them above 0", Fix: "raise one, or remove the group",
		})
	}
	if len(props.Reservations) > 0 && props.OnDemandMaximum <= 0 {
		check.Error(scope, check.Finding{
			Rule: "reservations-are-on-demand", Found: fmt.Sprintf("%d capacity reservations and no on-demand instances", len(props.Reservations)),
			Expected: "on-demand instances to fill them with", Fix: "raise the on-demand maximum, or remove the reservations",
		})
	}
	for _, name := range props.InstanceTypes {
		if !runsImage(name) {
			check.Error(scope, check.Finding{
				Rule: "instances-run-the-image", Found: name, Expected: "an x86_64 instance type with NVIDIA GPUs",
				Fix: "images are built for linux/amd64 and the machine image is x86_64; choose another type",
			})
		}
	}
	props.VolumeGiB = inRange(scope, "volume-size", "GiB", props.VolumeGiB, 30, 65536)
	props.ThroughputMiB = inRange(scope, "volume-throughput", "MiB/s", props.ThroughputMiB, 125, 2000)
	return props
}

// runsImage refuses Graviton (g5g, p6e-gb200), AMD GPUs (g4ad) and AWS's own
// accelerators (inf2, trn1); which types have how many GPUs is not known here.
func runsImage(instanceType string) bool {
	family, _, _ := strings.Cut(instanceType, ".")
	return !strings.HasSuffix(family, "g") && !strings.Contains(family, "-gb") && family != "g4ad" &&
		!strings.HasPrefix(family, "inf") && !strings.HasPrefix(family, "trn")
}

func inRange(scope constructs.Construct, rule, unit string, value, low, high int) int {
	if value < low || value > high {
		check.Error(scope, check.Finding{
			Rule: rule, Found: fmt.Sprintf("%d %s", value, unit), Expected: fmt.Sprintf("%d to %d", low, high), Fix: "choose a value in between",
		})
	}
	return min(max(value, low), high)
}
