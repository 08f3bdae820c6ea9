package checks

import (
	"path"
	"slices"
	"strings"
)

const (
	typePolicy        = "AWS::IAM::Policy"
	typeManagedPolicy = "AWS::IAM::ManagedPolicy"
	typeRole          = "AWS::IAM::Role"
)

// statement is one statement of a policy that allows something.
type statement struct {
	// on is the resource of the template that holds the policy.
	on *resource
	// actions and resources as they are written; notAction and notResource
	// allow all but what they list.
	actions                []string
	resources              []value
	principal              value
	notAction, notResource bool
}

// allowing are the Allow statements of a policy document.
func allowing(on *resource, document value) []statement {
	var found []statement
	for _, each := range document.At("Statement").ListOrOne() {
		if !each.At("Effect").Is("Allow") {
			continue
		}
		s := statement{
			on: on, resources: each.At("Resource").ListOrOne(), principal: each.At("Principal"),
			notAction: each.At("NotAction").Exists(), notResource: each.At("NotResource").Exists(),
		}
		for _, action := range each.At("Action").ListOrOne() {
			s.actions = append(s.actions, action.Text())
		}
		found = append(found, s)
	}
	return found
}

// identityPolicies are what the roles, users and groups of a template may do.
func (m *model) identityPolicies() []statement {
	var found []statement
	for _, r := range m.All(typePolicy, typeManagedPolicy, typeRole, "AWS::IAM::User", "AWS::IAM::Group") {
		found = append(found, allowing(r, r.Prop("PolicyDocument"))...)
		for _, inline := range r.Prop("Policies").List() {
			found = append(found, allowing(r, inline.At("PolicyDocument"))...)
		}
	}
	return found
}

// resourcePolicies are what resources let others do with them. A key policy
// that hands all to the account's own IAM is the usual one and no finding of
// any rule, so that keys are not among them.
func (m *model) resourcePolicies() []statement {
	var found []statement
	for _, r := range m.All("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy") {
		found = append(found, allowing(r, r.Prop("PolicyDocument"))...)
	}
	for _, r := range m.All("AWS::SecretsManager::ResourcePolicy") {
		found = append(found, allowing(r, r.Prop("ResourcePolicy"))...)
	}
	return found
}

// granted is what a role may do, by all policies of the assembly.
func (m *model) granted(role *resource) []statement {
	if m.rolesOnce == nil {
		m.rolesOnce = map[*resource][]statement{}
		for _, s := range m.identityPolicies() {
			for _, r := range m.holders(s.on) {
				m.rolesOnce[r] = append(m.rolesOnce[r], s)
			}
		}
	}
	return m.rolesOnce[role]
}

// holders are the roles that a policy is attached to.
func (m *model) holders(policy *resource) []*resource {
	if policy.Type == typeRole {
		return []*resource{policy}
	}
	var found []*resource
	for _, r := range policy.Prop("Roles").Refs() {
		if r.Type == typeRole {
			found = append(found, r)
		}
	}
	if policy.Type == typeManagedPolicy {
		for _, role := range m.All(typeRole) {
			if slices.Contains(role.Prop("ManagedPolicyArns").Refs(), policy) {
				found = append(found, role)
			}
		}
	}
	return found
}

// allows is whether a statement covers an action, such as ecs:UpdateService.
func (s statement) allows(action string) bool {
	return slices.ContainsFunc(s.actions, func(pattern string) bool {
		matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(action))
		return err == nil && matched
	})
}

// covers is whether a statement is about a resource of the template.
func (s statement) covers(r *resource) bool {
	return slices.ContainsFunc(s.resources, func(v value) bool { return v.Is("*") || slices.Contains(v.Refs(), r) })
}

// service is whether a statement lets an AWS service act, such as
// events.amazonaws.com.
func (s statement) service(name string) bool {
	if s.principal.Is("*") || s.principal.At("AWS").Is("*") {
		return true
	}
	return slices.ContainsFunc(s.principal.At("Service").ListOrOne(), func(v value) bool { return v.Is(name) })
}
