package cost

import "strings"

// natGateway by the hour and by what goes through it.
func natGateway(e *estimator, _ *Resource) []Item {
	share := 1 / float64(len(e.assembly.ofType("AWS::EC2::NatGateway")))
	return []Item{
		e.fixed("hours", "nat", "gateway", Hours),
		e.perUse("GB processed", "nat", "processing", e.traffic.EgressGB*share),
		e.perUse("GB to the internet", "transfer", "internet out", e.traffic.InternetGB*share),
	}
}

func address(e *estimator, _ *Resource) []Item {
	return []Item{e.fixed("public IPv4 address, hours", "vpc", "public IPv4 address", Hours)}
}

// endpoint: gateway endpoints are free, those with an interface are billed by
// zone and by what goes through them.
func endpoint(e *estimator, r *Resource) []Item {
	if kind := text(r.Properties, "VpcEndpointType"); kind != "Interface" {
		return []Item{e.fixed("gateway endpoint", "vpc", "interface endpoint", 0).noting("gateway endpoints are free")}
	}
	var interfaces int
	for _, other := range e.assembly.ofType("AWS::EC2::VPCEndpoint") {
		if text(other.Properties, "VpcEndpointType") == "Interface" {
			interfaces++
		}
	}
	zones := float64(max(1, len(list(r.Properties["SubnetIds"]))))
	return []Item{
		e.fixed("hours, a zone", "vpc", "interface endpoint", Hours*zones),
		e.perUse("GB processed", "vpc", "interface endpoint data", e.traffic.EgressGB/float64(interfaces)),
	}
}

// loadBalancer by the hour and by capacity units: an hour's most of 25 new
// connections a second, 1 GB, 1,000 rules a second
// (https://aws.amazon.com/elasticloadbalancing/pricing/, 2026-11-24).
func loadBalancer(e *estimator, r *Resource) []Item {
	family := "alb"
	if text(r.Properties, "Type") == "network" {
		family = "nlb"
	}
	var units float64
	for name, served := range e.traffic.Services {
		if strings.HasPrefix(r.ID, pascal(name)+"Service") {
			units = Hours * max(served.Requests/(Hours*3600)/25, served.Requests*served.ResponseMB/1000/Hours)
		}
	}
	items := []Item{
		e.fixed("hours", family, "load balancer", Hours),
		e.perUse("capacity unit hours", family, "capacity unit", units),
	}
	if text(r.Properties, "Scheme") != "internal" {
		zones := float64(max(1, len(list(r.Properties["Subnets"]))))
		items = append(items, e.fixed("public IPv4 addresses, hours", "vpc", "public IPv4 address", Hours*zones))
	}
	return items
}
