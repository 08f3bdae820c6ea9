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
		var all []delivery
		for _, r := range c.All(typeRule) {
			for _, target := range r.Prop("Targets").List() {
				for _, to := range []value{target.At("Arn"), target.At("DeadLetterConfig", "Arn")} {
					all = deliver(all, r, to.Ref(typeQueue, typeTopic), "events.amazonaws.com")
				}
			}
		}
		for _, r := range c.All(typeAlarm, "AWS::CloudWatch::CompositeAlarm") {
			for _, action := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				for _, to := range r.Prop(action).List() {
					all = deliver(all, r, to.Ref(typeTopic), alarmService)
				}
			}
		}
		for _, r := range c.All("AWS::Budgets::Budget") {
			for _, notification := range r.Prop("NotificationsWithSubscribers").List() {
				for _, subscriber := range notification.At("Subscribers").List() {
					all = deliver(all, r, subscriber.At("Address").Ref(typeTopic), "budgets.amazonaws.com")
				}
			}
		}
		for _, d := range all {
			c.requireDelivery(d)
		}
	}}
}

// alarmService is the one that a topic without a policy of its own lets in.
const alarmService = "cloudwatch.amazonaws.com"

// delivery is what a service of AWS brings to a queue or topic.
type delivery struct {
	to      *resource
	service string
	// from are the resources that ask for it, each once.
	from []*resource
}

// deliver adds a delivery to those that are known.
func deliver(all []delivery, from, to *resource, service string) []delivery {
	if to == nil {
		return all
	}
	i := slices.IndexFunc(all, func(d delivery) bool { return d.to == to && d.service == service })
	if i < 0 {
		return append(all, delivery{to, service, []*resource{from}})
	}
	if !slices.Contains(all[i].from, from) {
		all[i].from = append(all[i].from, from)
	}
	return all
}

// askers names the first that asks, and how many others do.
func (d delivery) askers() string {
	if others := len(d.from) - 1; others > 0 {
		return fmt.Sprintf("%s and %d more", d.from[0].Path, others)
	}
	return d.from[0].Path
}

func (c *checker) requireDelivery(d delivery) {
	alarm := d.service == alarmService
	action := "sqs:SendMessage"
	if d.to.Type == typeTopic {
		action = "sns:Publish"
	}
	policies := c.policiesOn(d.to)
	if (len(policies) > 0 || !alarm) && !lets(policies, d.service, action) {
		c.report(d.to, problem{
			found:    fmt.Sprintf("no policy that lets %s %s, for %s", d.service, action, d.askers()),
			expected: "one", fix: "allow it for that service", warning: alarm,
		})
	}
	alias, _ := d.to.Prop("KmsMasterKeyId").Literal()
	key := d.to.Prop("KmsMasterKeyId").Ref(typeKey)
	switch {
	case strings.Contains(alias, "alias/aws/"):
		c.report(d.to, problem{
			found:    fmt.Sprintf("encryption with %s, and deliveries of %s", alias, d.service),
			expected: "a key of your own that lets the service use it", fix: "name such a key, or none", warning: alarm,
		})
	case key != nil && !keyLets(key, d.service):
		c.report(key, problem{
			found:    fmt.Sprintf("a key policy without %s, which delivers to %s", d.service, d.to.Path),
			expected: "kms:GenerateDataKey* and kms:Decrypt for that service", fix: "add them to the key policy", warning: alarm,
		})
	}
}

// policiesOn are the policies of a queue or topic.
func (c *checker) policiesOn(to *resource) []*resource {
	var found []*resource
	for _, policy := range c.All("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy") {
		for _, list := range []string{"Queues", "Topics"} {
			if slices.ContainsFunc(policy.Prop(list).List(), func(each value) bool { return each.Ref(to.Type) == to }) {
				found = append(found, policy)
			}
		}
	}
	return found
}

func lets(policies []*resource, service, action string) bool {
	for _, policy := range policies {
		for _, s := range allowing(policy, policy.Prop("PolicyDocument")) {
			if s.service(service) && s.allows(action) {
				return true
			}
		}
	}
	return false
}

func keyLets(key *resource, service string) bool {
	decrypt, encrypt := false, false
	for _, s := range allowing(key, key.Prop("KeyPolicy")) {
		if s.service(service) {
			decrypt = decrypt || s.allows("kms:Decrypt")
			encrypt = encrypt || s.allows("kms:GenerateDataKey")
		}
	}
	return decrypt && encrypt
}
