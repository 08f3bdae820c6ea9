package checks

import (
	"fmt"
	"strings"

	"tandem/runtime/settings"
)

func vpcFunctionEgress() rule {
	return rule{Rule{
		Name:     "vpc-function-egress",
		Severity: Error,
		What: "A function in a VPC has a default route through NAT, or endpoints for all services that its role lets it call; " +
			"with endpoints alone it calls no model provider outside AWS.",
		Why: "A function in a VPC has no public address, even in a public subnet: without a way out each call of an API hangs until the function times out, " +
			"with nothing in its log.",
		Source:  "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html",
		Checked: read,
	}, func(c *checker) {
		for _, f := range c.All(typeFunction) {
			firstOf(subnets(f.Prop("VpcConfig", "SubnetIds")), func(subnet *resource) bool { return c.judgeFunctionEgress(f, subnet) })
		}
	}}
}

func (c *checker) judgeFunctionEgress(f, subnet *resource) (flawed bool) {
	if c.egress(subnet) == anyExit {
		return false
	}
	role := f.Prop("Role").Ref(typeRole)
	missing := without(c.called(role), c.endpoints(subnet))
	if len(missing) > 0 {
		c.report(f, problem{
			found:    fmt.Sprintf("%s without a route through NAT and without endpoints for %s", subnet.Path, strings.Join(missing, ", ")),
			expected: "a way to all that the function calls", fix: "add the endpoints, use NAT, or take the function out of the VPC", config: "network.egress",
		})
	}
	outside := outsideProviders(f.Prop("Environment", "Variables", modelsVariable()))
	if len(outside) > 0 {
		c.report(f, problem{
			found:    fmt.Sprintf("%s without a route through NAT, and the provider %s outside AWS", subnet.Path, strings.Join(outside, ", ")),
			expected: "a way to the internet", fix: "use NAT, or take the function out of the VPC", config: "network.egress",
		})
	}
	return len(missing) > 0 || len(outside) > 0
}

// outsideProviders reads the table of routes that the program is given.
func outsideProviders(table value) []string {
	var routes settings.Routes
	if routes.UnmarshalText([]byte(table.Text())) != nil {
		return nil
	}
	outside := map[string]bool{}
	for _, model := range routes {
		for _, route := range model.Routes {
			if route.Type != "bedrock" && route.Type != "service" {
				outside[route.Name] = true
			}
		}
	}
	return sortedKeys(outside)
}
