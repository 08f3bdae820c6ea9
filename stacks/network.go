package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"tandem/config"
	"tandem/constructs/network"
)

// Network is where GPU instances live.
type Network struct {
	Stack   awscdk.Stack
	Network *network.Network
}

func newNetwork(app awscdk.App, p *Props) *Network {
	c := p.Config
	stack := p.newStack(app, "Network", tierShared, "The network of the GPU tiers")
	props := &network.Props{
		Zones:            c.AWS.Zones,
		CIDR:             c.Network.CIDR,
		Egress:           network.Egress(c.Network.Egress),
		NATGateways:      c.Network.NATGateways,
		FlowLogs:         isTrue(c.Network.FlowLogs),
		LogRetention:     logRetention(c.Observability.LogRetention),
		EndpointServices: endpointServices(c),
	}
	if c.Network.VPCID != "" {
		props.Import = &network.Import{
			VPCID: c.Network.VPCID, Region: c.AWS.Region,
			PrivateSubnetIDs: c.Network.PrivateSubnetIDs, PublicSubnetIDs: c.Network.PublicSubnetIDs,
		}
	}
	return &Network{Stack: stack, Network: network.New(stack, "Network", props)}
}

// endpointServices are what a VPC without internet needs beside the usual.
func endpointServices(c *config.Config) []string {
	var services []string
	for _, name := range sorted(c.Providers) {
		if c.Providers[name].Type == config.ProviderBedrock {
			services = append(services, "bedrock-runtime")
			break
		}
	}
	asleep := slices.ContainsFunc(sorted(c.Services), func(name string) bool { return number(c.Services[name].Scale.Minimum) == 0 })
	if asleep || len(c.Services) > 0 && len(c.Workers) > 0 {
		// The function that asks own models joins the VPC, and calls those that wake
		// them and the workers.
		services = append(services, "lambda")
	}
	return services
}
