package checks

import (
	"fmt"
	"strings"
)

const (
	typeTopic = "AWS::SNS::Topic"
	typeKey   = "AWS::KMS::Key"
)

func serviceDelivery() rule {
	return rule{Rule{
		Name:     "service-delivery",
		Severity: Error,
		What: "What EventBridge, CloudWatch or Budgets deliver to, a queue or a topic, lets them: by its policy, " +
			"and by the policy of the key where it is encrypted with one.",
		Why: "Otherwise the message is dropped in silence: a failed event that no dead-letter queue keeps, an alarm and a budget alert that nobody gets. " +
			"The keys that AWS manages (alias/aws/sqs, alias/aws/sns) cannot be opened to them at all.",
		Source: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html, " +
			"https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services, " +
			"https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html",
		Checked: read,
	}, func(c *checker) {
		for _, r := range c.all(typeRule) {
			for _, target := range r.prop("Targets").list() {
				for _, to := range []value{target.at("Arn"), target.at("DeadLetterConfig", "Arn")} {
					c.requireDelivery(r, to.ref(typeQueue, typeTopic), "events.amazonaws.com", true)
				}
			}
		}
		for _, r := range c.all("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm") {
			for _, action := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				for _, to := range r.prop(action).list() {
					// A topic's default policy lets the account's own alarms in.
					c.requireDelivery(r, to.ref(typeTopic), "cloudwatch.amazonaws.com", false)
				}
			}
		}
		for _, r := range c.all("AWS::Budgets::Budget") {
			for _, notification := range r.prop("NotificationsWithSubscribers").list() {
				for _, subscriber := range notification.at("Subscribers").list() {
					c.requireDelivery(r, subscriber.at("Address").ref(typeTopic), "budgets.amazonaws.com", true)
				}
			}
		}
	}}
}

func (c *checker) requireDelivery(from, to *resource, service string, policy bool) {
	if to == nil {
		return
	}
	action, key := "sqs:SendMessage", to.prop("KmsMasterKeyId")
	if to.kind == typeTopic {
		action = "sns:Publish"
	}
	if (policy || c.hasPolicy(to)) && !c.lets(to, service, action) {
		c.report(to, problem{
			found:    fmt.Sprintf("no policy that lets %s %s for %s", service, action, from.path),
			expected: "one", fix: "allow it for that service",
		})
	}
	alias, _ := key.literal()
	encryption := key.ref(typeKey)
	switch {
	case strings.Contains(alias, "alias/aws/"):
		c.report(to, problem{
			found:    fmt.Sprintf("encryption with %s, and deliveries of %s", alias, service),
			expected: "a key of your own that lets the service use it", fix: "name such a key, or none",
		})
	case encryption != nil && !keyLets(encryption, service):
		c.report(encryption, problem{
			found:    fmt.Sprintf("a key policy without %s, which delivers to %s", service, to.path),
			expected: "kms:GenerateDataKey* and kms:Decrypt for that service", fix: "add them to the key policy",
		})
	}
}

func (c *checker) hasPolicy(to *resource) bool {
	for _, s := range c.resourcePolicies() {
		if policyIsOn(s.on, to) {
			return true
		}
	}
	return false
}

func (c *checker) lets(to *resource, service, action string) bool {
	for _, s := range c.resourcePolicies() {
		if policyIsOn(s.on, to) && s.service(service) && s.allows(action) {
			return true
		}
	}
	return false
}

func policyIsOn(policy, to *resource) bool {
	for _, list := range []string{"Queues", "Topics"} {
		for _, each := range policy.prop(list).list() {
			if each.ref(to.kind) == to {
				return true
			}
		}
	}
	return false
}

func keyLets(key *resource, service string) bool {
	decrypt, encrypt := false, false
	for _, s := range allowing(key, key.prop("KeyPolicy")) {
		if s.service(service) {
			decrypt = decrypt || s.allows("kms:Decrypt")
			encrypt = encrypt || s.allows("kms:GenerateDataKey")
		}
	}
	return decrypt && encrypt
}
