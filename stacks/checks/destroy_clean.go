package checks

import (
	"slices"
)

func destroyClean() rule {
	return rule{Rule{
		Name:     "destroy-clean",
		Severity: Error,
		What: "What goes with its stack can go: without deletion protection, and buckets and repositories with something that empties them. " +
			"In a stack with termination protection this is not asked: it must be prepared for its end anyway.",
		Why:     "The deletion of the stack fails at the one resource that refuses, and leaves half of it behind, billing.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-delete-stack-fails",
		Checked: read,
	}, func(c *checker) {
		c.Every(func(r *resource) {
			if r.Stack.TerminationProtection || !goes(r) {
				return
			}
			if protection := protectedBy(r); protection != "" {
				c.report(r, problem{
					found: protection + " on a resource that goes with its stack", expected: "none", fix: "turn it off or retain the resource", config: "state.protect",
				})
			}
			if r.Type == "AWS::S3::Bucket" && !c.emptiedBucket(r) || r.Type == "AWS::ECR::Repository" && !r.Prop("EmptyOnDelete").IsTrue() {
				c.report(r, problem{
					found: "a bucket or repository that goes with its stack and that nothing empties", expected: "something that does",
					fix: "delete its objects automatically, or retain it", config: "state.removal",
				})
			}
		})
	}}
}

// goes is whether CloudFormation deletes the resource with its stack.
func goes(r *resource) bool {
	policy := r.At("DeletionPolicy")
	return !policy.Exists() || policy.Is("Delete")
}

func protectedBy(r *resource) string {
	for _, property := range []string{"DeletionProtectionEnabled", "DeletionProtection", "DisableApiTermination"} {
		if r.Prop(property).IsTrue() {
			return property
		}
	}
	for _, attribute := range r.Prop("LoadBalancerAttributes").List() {
		if attribute.At("Key").Is("deletion_protection.enabled") && attribute.At("Value").IsTrue() {
			return "deletion_protection.enabled"
		}
	}
	return ""
}

func (c *checker) emptiedBucket(bucket *resource) bool {
	for _, r := range c.All("Custom::S3AutoDeleteObjects") {
		if slices.Contains(r.Prop("BucketName").Refs(), bucket) {
			return true
		}
	}
	return false
}
