package checks

import (
	"fmt"
	"slices"
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
			"and by the policy of the key where it is encrypted with one. An alarm that reaches nobody is a warning.",
		Why: "Otherwise the message is dropped in silence: a failed event that no dead-letter queue keeps, an alarm and a budget alert that nobody gets. " +
			"The keys that AWS manages (alias/aws/sqs, alias/aws/sns) cannot be opened to them at all. " +
			"A policy of its own, be it only one that asks for TLS, takes the place of a topic's default, which lets the account's alarms in.",
		Source: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html, " +
			"https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services, " +
			"https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html, " +
			"https://github.com/aws-solutions/automated-security-response-on-aws/issues/43",
		Checked: read,
	}, func(c *checker) {
		for _, r := range c.all(typeRule) {
			for _, target := range r.prop("Targets").list() {
				for _, to := range []value{target.at("Arn"), target.at("DeadLetterConfig", "Arn")} {
					c.requireDelivery(delivery{from: r, to: to.ref(typeQueue, typeTopic), service: "events.amazonaws.com"})
				}
			}
		}
		for _, r := range c.all(typeAlarm, "AWS::CloudWatch::CompositeAlarm") {
			for _, action := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				for _, to := range r.prop(action).list() {
					c.requireDelivery(delivery{from: r, to: to.ref(typeTopic), service: "cloudwatch.amazonaws.com", byDefault: true})
				}
			}
		}
		for _, r := range c.all("AWS::Budgets::Budget") {
			for _, notification := range r.prop("NotificationsWithSubscribers").list() {
				for _, subscriber := range notification.at("Subscribers").list() {
					c.requireDelivery(delivery{from: r, to: subscriber.at("Address").ref(typeTopic), service: "budgets.amazonaws.com"})
				}
			}
		}
	}}
}

// delivery is what a service of AWS brings from one resource to another.
type delivery struct {
	from, to *resource
	service  string
	// byDefault is whether a topic without a policy of its own takes it.
	byDefault bool
}

func (c *checker) requireDelivery(d delivery) {
	if d.to == nil {
		return
	}
	action := "sqs:SendMessage"
	if d.to.kind == typeTopic {
		action = "sns:Publish"
	}
	policies := c.policiesOn(d.to)
	if (len(policies) > 0 || !d.byDefault) && !lets(policies, d.service, action) {
		c.report(d.to, problem{
			found:    fmt.Sprintf("no policy that lets %s %s, as %s asks", d.service, action, d.from.path),
			expected: "one", fix: "allow it for that service", warning: d.byDefault,
		})
	}
	alias, _ := d.to.prop("KmsMasterKeyId").literal()
	key := d.to.prop("KmsMasterKeyId").ref(typeKey)
	switch {
	case strings.Contains(alias, "alias/aws/"):
		c.report(d.to, problem{
			found:    fmt.Sprintf("encryption with %s, and deliveries of %s", alias, d.service),
			expected: "a key of your own that lets the service use it", fix: "name such a key, or none", warning: d.byDefault,
		})
	case key != nil && !keyLets(key, d.service):
		c.report(key, problem{
			found:    fmt.Sprintf("a key policy without %s, which delivers to %s", d.service, d.to.path),
			expected: "kms:GenerateDataKey* and kms:Decrypt for that service", fix: "add them to the key policy", warning: d.byDefault,
		})
	}
}

// policiesOn are the policies of a queue or topic.
func (c *checker) policiesOn(to *resource) []*resource {
	var found []*resource
	for _, policy := range c.all("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy") {
		for _, list := range []string{"Queues", "Topics"} {
			if slices.ContainsFunc(policy.prop(list).list(), func(each value) bool { return each.ref(to.kind) == to }) {
				found = append(found, policy)
			}
		}
	}
	return found
}

func lets(policies []*resource, service, action string) bool {
	for _, policy := range policies {
		for _, s := range allowing(policy, policy.prop("PolicyDocument")) {
			if s.service(service) && s.allows(action) {
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
