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
	for _, each := range document.at("Statement").listOrOne() {
		if !each.at("Effect").is("Allow") {
			continue
		}
		s := statement{
			on: on, resources: each.at("Resource").listOrOne(), principal: each.at("Principal"),
			notAction: each.at("NotAction").exists(), notResource: each.at("NotResource").exists(),
		}
		for _, action := range each.at("Action").listOrOne() {
			s.actions = append(s.actions, action.text())
		}
		found = append(found, s)
	}
	return found
}

// identityPolicies are what the roles, users and groups of a template may do.
func (m *model) identityPolicies() []statement {
	var found []statement
	for _, r := range m.all(typePolicy, typeManagedPolicy, typeRole, "AWS::IAM::User", "AWS::IAM::Group") {
		found = append(found, allowing(r, r.prop("PolicyDocument"))...)
		for _, inline := range r.prop("Policies").list() {
			found = append(found, allowing(r, inline.at("PolicyDocument"))...)
		}
	}
	return found
}

// resourcePolicies are what resources let others do with them. A key policy
// that hands all to the account's own IAM is the usual one and no finding of
// any rule, so that keys are not among them.
func (m *model) resourcePolicies() []statement {
	var found []statement
	for _, r := range m.all("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy") {
		found = append(found, allowing(r, r.prop("PolicyDocument"))...)
	}
	for _, r := range m.all("AWS::SecretsManager::ResourcePolicy") {
		found = append(found, allowing(r, r.prop("ResourcePolicy"))...)
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
	if policy.kind == typeRole {
		return []*resource{policy}
	}
	var found []*resource
	for _, r := range policy.prop("Roles").refs() {
		if r.kind == typeRole {
			found = append(found, r)
		}
	}
	if policy.kind == typeManagedPolicy {
		for _, role := range m.all(typeRole) {
			if slices.Contains(role.prop("ManagedPolicyArns").refs(), policy) {
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
	return slices.ContainsFunc(s.resources, func(v value) bool { return v.is("*") || slices.Contains(v.refs(), r) })
}

// service is whether a statement lets an AWS service act, such as
// events.amazonaws.com.
func (s statement) service(name string) bool {
	if s.principal.is("*") || s.principal.at("AWS").is("*") {
		return true
	}
	return slices.ContainsFunc(s.principal.at("Service").listOrOne(), func(v value) bool { return v.is(name) })
}
