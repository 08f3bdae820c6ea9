package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// regionAreas are the parts of the world, as region names begin. A new number
// in a known area passes; a slip of the hand does not.
// Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html, 2026-11.
func regionAreas() []string {
	return []string{
		"us-east", "us-west", "us-gov-east", "us-gov-west", "ca-central", "ca-west", "mx-central", "sa-east",
		"eu-west", "eu-central", "eu-north", "eu-south", "af-south", "il-central", "me-south", "me-central", "me-west",
		"ap-east", "ap-south", "ap-southeast", "ap-northeast", "cn-north", "cn-northwest", "eusc-de-east",
	}
}

// regionArea is a region's name without its number.
func regionArea(region string) string { return region[:max(strings.LastIndexByte(region, '-'), 0)] }

func awsRules() []rule {
	return []rule{
		{"region-known", "A region lies in a part of the world that AWS has.", checkRegions},
		{"zones-in-region", "Each of aws.zones lies in aws.region.", checkZones},
		{"service-two-zones", "Services need two zones at least: their load balancer spans them.", checkServiceZones},
	}
}

func checkRegions(j *judge) {
	check := func(region string, p path) {
		if region == "" {
			return
		}
		area := regionArea(region)
		if slices.Contains(regionAreas(), area) {
			return
		}
		hint := "regions begin with " + strings.Join(regionAreas(), ", ")
		if near := nearest(area, regionAreas()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near+region[len(area):])
		}
		j.report(p, fmt.Sprintf("AWS has no region %q", region), hint)
	}
	check(j.AWS.Region, at("aws", "region"))
	for _, name := range sortedKeys(j.Providers) {
		if p := at("providers", name, "region"); j.given(p) {
			check(j.Providers[name].Region, p)
		}
	}
}

func checkZones(j *judge) {
	if !slices.Contains(regionAreas(), regionArea(j.AWS.Region)) {
		return // said already
	}
	for i, zone := range j.AWS.Zones {
		if j.AWS.Region != "" && zone[:len(zone)-1] != j.AWS.Region {
			j.report(at("aws", "zones").index(i), fmt.Sprintf("zone %s is not in the region %s", zone, j.AWS.Region),
				fmt.Sprintf("its zones are called %[1]sa, %[1]sb and so on", j.AWS.Region), at("aws", "region"))
		}
	}
}

func checkServiceZones(j *judge) {
	if len(j.Services) > 0 && len(j.AWS.Zones) == 1 {
		j.report(at("aws", "zones"), "services need at least two zones: a load balancer spans them",
			"add a zone, or remove services", at("services"))
	}
}

func networkRules() []rule {
	return []rule{
		{"cidr-usable", "network.cidr is a private IPv4 block of /16 to /24, with its host bits zero.", checkCIDR},
		{"nat-gateways-fit", "There is one NAT gateway a zone at most, and only with egress nat-gateway.", checkNATGateways},
		{"vpc-subnets", "An existing VPC lists one private subnet a zone, and as many public ones or none.", checkSubnets},
		{"vpc-or-cidr", "An existing VPC has its own address block.", checkVPCOrCIDR},
		{"endpoints-reach-providers", "Without NAT, a function in the VPC reaches no provider outside AWS.", checkEndpointProviders},
		{"endpoints-reach-images", "Without NAT, images come from ECR in the account's region.", checkEndpointImages},
	}
}

func checkCIDR(j *judge) {
	p := at("network", "cidr")
	if j.Network.VPCID != "" {
		return
	}
	block, err := netip.ParsePrefix(j.Network.CIDR)
	switch {
	case err != nil:
		j.report(p, fmt.Sprintf("%q is not an address block", j.Network.CIDR), "write one such as 10.40.0.0/16")
	case block.Masked() != block:
		j.report(p, fmt.Sprintf("%s has host bits set", j.Network.CIDR), "write "+block.Masked().String())
	case block.Bits() < VPCLargestMask || block.Bits() > 24:
		j.report(p, fmt.Sprintf("a /%d block is not possible: a VPC takes /%d to /%d, and tasks need the addresses of a /24 at least",
			block.Bits(), VPCLargestMask, VPCSmallestMask), "write one such as 10.40.0.0/16")
	case !privateAddresses(block):
		j.report(p, fmt.Sprintf("%s is public address space", j.Network.CIDR), "use 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10")
	}
}

func privateAddresses(block netip.Prefix) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	return block.Addr().IsPrivate() || shared.Contains(block.Addr())
}

func checkNATGateways(j *judge) {
	p := at("network", "natGateways")
	n := j.Network.NATGateways
	switch {
	case !j.given(p):
	case j.Network.VPCID != "" && n > 0:
		j.report(p, "an existing VPC brings its own way out: natGateways has no effect", "remove it, with null in the overlay", at("network", "vpcId"))
	case j.Network.Egress != EgressNATGateway:
		j.report(p, fmt.Sprintf("natGateways has no effect with egress %s", j.Network.Egress), "remove it, with null in the overlay", at("network", "egress"))
	case n > len(j.AWS.Zones) && len(j.AWS.Zones) > 0:
		j.report(p, fmt.Sprintf("%d NAT gateways for %s: one a zone is the most", n, plural(len(j.AWS.Zones), "zone", "zones")),
			"write "+strconv.Itoa(len(j.AWS.Zones))+", or add zones", at("aws", "zones"))
	}
}

func checkSubnets(j *judge) {
	n := j.Network
	private, public := at("network", "privateSubnetIds"), at("network", "publicSubnetIds")
	zones := at("aws", "zones")
	switch {
	case n.VPCID == "" && len(n.PrivateSubnetIDs) > 0:
		j.report(private, "subnets are listed, but not the VPC that they are in", "add vpcId beside them", at("network", "vpcId"))
	case n.VPCID == "" && len(n.PublicSubnetIDs) > 0:
		j.report(public, "subnets are listed, but not the VPC that they are in", "add vpcId beside them", at("network", "vpcId"))
	case n.VPCID == "":
	case len(n.PrivateSubnetIDs) == 0:
		j.report(at("network", "vpcId"), "the subnets of an existing VPC are not looked up", "list them in privateSubnetIds, one for each of aws.zones", private, zones)
	case len(n.PrivateSubnetIDs) != len(j.AWS.Zones):
		j.report(private, fmt.Sprintf("%s for %s: an existing VPC lists one a zone, in the order of aws.zones",
			plural(len(n.PrivateSubnetIDs), "private subnet", "private subnets"), plural(len(j.AWS.Zones), "zone", "zones")),
			"list them all, or name the zones that they are in", zones)
	}
	if n.VPCID != "" && len(n.PublicSubnetIDs) > 0 && len(n.PublicSubnetIDs) != len(j.AWS.Zones) {
		j.report(public, fmt.Sprintf("%s for %s: list one a zone, or none",
			plural(len(n.PublicSubnetIDs), "public subnet", "public subnets"), plural(len(j.AWS.Zones), "zone", "zones")), "", zones)
	}
}

// checkVPCOrCIDR lets base.yaml keep its cidr when an overlay moves into an
// existing VPC, but not the same file say both.
func checkVPCOrCIDR(j *judge) {
	cidr, vpc := at("network", "cidr"), at("network", "vpcId")
	if j.Network.VPCID == "" || !j.given(cidr) {
		return
	}
	if j.tree.origin(cidr).File == j.tree.origin(vpc).File {
		j.report(cidr, "an existing VPC has its own address block: cidr has no effect beside vpcId", "remove cidr", vpc)
	}
}

// checkEndpointProviders is one message, at the choice that cuts the models
// off, however many routes it cuts.
func checkEndpointProviders(j *judge) {
	if j.Network.Egress != EgressEndpoints || j.Network.VPCID != "" || len(j.Services) == 0 {
		return
	}
	outside := map[string]bool{}
	j.eachRoute(func(_ path, r Route) {
		if provider, ok := j.Providers[r.Provider]; ok && provider.Type != ProviderBedrock {
			outside[r.Provider] = true
		}
	})
	if len(outside) == 0 {
		return
	}
	j.report(at("network", "egress"),
		fmt.Sprintf("egress endpoints leads only to AWS, and the API's function is in the VPC because of services: models cannot reach %s", strings.Join(sortedKeys(outside), ", ")),
		"use nat-gateway or nat-instance, or bedrock providers", at("services"), at("providers"), at("models"))
}

func checkEndpointImages(j *judge) {
	if j.Network.Egress != EgressEndpoints || j.Network.VPCID != "" {
		return
	}
	j.eachImage(func(p path, image Image) {
		if image.URI == "" || isECR(image.URI) {
			return
		}
		j.report(p.key("uri"), fmt.Sprintf("%s cannot be pulled: egress endpoints leads only to AWS", quote(image.URI)),
			"copy it to ECR, or use egress nat-gateway or nat-instance", at("network", "egress"))
	})
	for _, name := range sortedKeys(j.Capacity.Groups) {
		for i, uri := range j.Capacity.Groups[name].PrePull {
			if !isECR(uri) {
				j.report(at("capacity", "groups", name, "prePull").index(i),
					fmt.Sprintf("%s cannot be pulled: egress endpoints leads only to AWS", quote(uri)),
					"copy it to ECR, or use egress nat-gateway or nat-instance", at("network", "egress"))
			}
		}
	}
}

func isECR(uri string) bool {
	host, _, _ := strings.Cut(uri, "/")
	return strings.Contains(host, ".dkr.ecr.") && strings.Contains(host, ".amazonaws.com")
}
