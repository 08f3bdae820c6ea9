package checks

import "fmt"

const (
	// inlineLimit is for all inline policies of one role, managedLimit for one
	// managed policy, in characters without white space.
	inlineLimit  = 10_240
	managedLimit = 6_144
)

func policySize() rule {
	return rule{Rule{
		Name:     "policy-size",
		Severity: Error,
		What:     "The inline policies of a role have at most 10,240 characters in all, a managed policy 6,144. Names that CloudFormation makes are estimated.",
		Why:      "Each worker adds queues to the policies of the API, the sweeper and the controller; IAM refuses the one worker too many in the middle of a deploy.",
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
		Checked:  read,
	}, func(c *checker) {
		inline := map[*resource]int{}
		for _, r := range c.All(typePolicy) {
			length := r.Prop("PolicyDocument").JSONLength()
			for _, role := range c.holders(r) {
				inline[role] += length
			}
		}
		for _, role := range c.All(typeRole) {
			for _, each := range role.Prop("Policies").List() {
				inline[role] += each.At("PolicyDocument").JSONLength()
			}
			c.compareSize(role, inline[role], inlineLimit)
		}
		for _, r := range c.All(typeManagedPolicy) {
			c.compareSize(r, r.Prop("PolicyDocument").JSONLength(), managedLimit)
		}
	}}
}

func (c *checker) compareSize(r *resource, length, limit int) {
	if length > limit {
		c.report(r, problem{
			found: fmt.Sprintf("about %d characters of policy", length), expected: fmt.Sprintf("%d at most", limit),
			fix: "grant by a common prefix of names, or split it into managed policies",
		})
	}
}
