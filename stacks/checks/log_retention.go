package checks

import (
	"fmt"
	"slices"
	"strings"

	"tandem/config"
)

const typeLogGroup = "AWS::Logs::LogGroup"

func logRetention() rule {
	return rule{Rule{
		Name:     "log-retention",
		Severity: Error,
		What: "Every log group has a retention that CloudWatch knows, and every function and container names its log group. " +
			"The CDK's own custom resource providers are left out: nothing can be told to them, and they log a line a deploy.",
		Why:     "A log group without retention is kept, and billed, for ever; so is the one that Lambda creates for a function that names none, and it outlives the stack.",
		Source:  "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
		Checked: read,
	}, func(c *checker) {
		for _, group := range c.All(typeLogGroup) {
			retention := group.Prop("RetentionInDays")
			days, known := retention.Number()
			switch {
			case !retention.Exists():
				c.report(group, problem{found: "no RetentionInDays", expected: "a number of days", fix: "set it", config: "observability.logRetention"})
			case known && !slices.Contains(config.LogRetentionDays(), int(days)):
				c.report(group, problem{
					found: fmt.Sprintf("a retention of %g days", days), expected: "one of CloudWatch's steps", fix: "choose one", config: "observability.logRetention",
				})
			}
		}
		for _, f := range c.All(typeFunction) {
			if !f.Prop("LoggingConfig", "LogGroup").Exists() && !providerOfTheCDK(f) {
				c.report(f, problem{found: "no log group", expected: "LoggingConfig.LogGroup", fix: "give it a log group with a retention"})
			}
		}
		for _, task := range c.All(typeTaskDefinition) {
			for _, container := range containers(task) {
				if driver := container.At("LogConfiguration"); driver.At("LogDriver").Is("awslogs") && !driver.At("Options", "awslogs-group").Exists() {
					c.report(task, problem{
						found: "container " + container.At("Name").Text() + " without awslogs-group", expected: "a log group", fix: "name one with a retention",
					})
				}
			}
		}
	}}
}

// providerOfTheCDK is whether a resource belongs to a provider that the CDK
// adds by itself, once a stack: the one that empties buckets and others of its
// kind, and the one that configures buckets' notifications. They are written
// as plain CloudFormation and take neither log group nor tags.
func providerOfTheCDK(r *resource) bool {
	return slices.ContainsFunc(strings.Split(r.Path, "/"), func(part string) bool {
		return strings.HasPrefix(part, "Custom::") && strings.HasSuffix(part, "Provider") || strings.HasPrefix(part, "BucketNotificationsHandler")
	})
}
