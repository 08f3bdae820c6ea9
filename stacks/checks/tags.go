package checks

import (
	"fmt"
	"strings"
)

func tags() rule {
	return rule{Rule{
		Name:     "tags",
		Severity: Error,
		What: "Every resource that takes tags carries application, environment and tier; an Auto Scaling group hands them on to its instances, " +
			"the launch template of a GPU group to their volumes, and a service to its tasks. The CDK's own custom resource providers are left out.",
		Why:     "What a tier costs is read from these tags. GPU instances and Fargate tasks without them are the largest line of the bill, under no name.",
		Source:  "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
		Checked: read,
	}, func(c *checker) {
		for _, r := range c.All(taggable()...) {
			if missing := missingTags(r.Prop("Tags"), r.Type == typeGroup); len(missing) > 0 && !providerOfTheCDK(r) {
				c.reportTags(r, "no tag "+strings.Join(missing, ", "))
			}
		}
		for _, g := range c.fleet().groups {
			for _, l := range g.launches {
				c.judgeVolumes(l)
			}
		}
		for _, s := range c.fleet().services {
			if propagate := s.Prop("PropagateTags"); !propagate.Is("SERVICE") && !propagate.Is("TASK_DEFINITION") {
				c.reportTags(s.resource, fmt.Sprintf("PropagateTags %s, so that tasks have no tags", orNone(propagate)))
			}
		}
	}}
}

func (c *checker) reportTags(r *resource, found string) {
	c.report(r, problem{found: found, expected: strings.Join(requiredTags(), ", "), fix: "tag the stack or the construct"})
}

func (c *checker) judgeVolumes(l launch) {
	if l.Type != typeLaunchTemplate {
		return
	}
	for _, specification := range l.data.At("TagSpecifications").List() {
		if specification.At("ResourceType").Is("volume") && len(missingTags(specification.At("Tags"), false)) == 0 {
			return
		}
	}
	c.reportTags(l.resource, "no tags for volumes")
}

func requiredTags() []string { return []string{"application", "environment", "tier"} }

// missingTags reads tags as a list of Key and Value or as a map.
func missingTags(tags value, launched bool) []string {
	there := map[string]bool{}
	for _, key := range tags.Keys() {
		there[key] = true
	}
	for _, tag := range tags.List() {
		if key, known := tag.At("Key").Literal(); known && (!launched || tag.At("PropagateAtLaunch").IsTrue()) {
			there[key] = true
		}
	}
	var missing []string
	for _, key := range requiredTags() {
		if !there[key] {
			missing = append(missing, key)
		}
	}
	return missing
}

// taggable are types that take tags and that cost something, hold something or
// allow something. The CDK tags all of them.
func taggable() []string {
	return []string{
		"AWS::ApiGateway::DomainName", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", typeGroup,
		typeAlarm, "AWS::CloudWatch::CompositeAlarm", "AWS::DynamoDB::Table", "AWS::EC2::EIP", typeInstance, "AWS::EC2::NatGateway",
		"AWS::EC2::SecurityGroup", typeSubnet, "AWS::EC2::VPC", "AWS::EC2::VPCEndpoint", "AWS::ECR::Repository",
		typeCapacityProvider, typeCluster, typeService, typeTaskDefinition,
		"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup", typeRule, typeRole, typeKey,
		typeFunction, typeLogGroup, "AWS::S3::Bucket", typeTopic, typeQueue, "AWS::SecretsManager::Secret",
		"AWS::StepFunctions::StateMachine", "AWS::WAFv2::WebACL",
	}
}
