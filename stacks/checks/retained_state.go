package checks

func retainedState() rule {
	return rule{Rule{
		Name:     "retained-state",
		Severity: Error,
		What: "Tables, buckets, keys, secrets, databases and file systems say what happens to them when they are deleted and when they are replaced " +
			"(DeletionPolicy, UpdateReplacePolicy). In a stack with termination protection a table, bucket or key that goes with the stack is a warning.",
		Why: "Where nothing is said, CloudFormation deletes: a renamed table takes every job and key with it. " +
			"A stack that must not be deleted by a slip should not lose its data by another one.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
		Checked: read,
	}, func(c *checker) {
		for _, r := range c.All(stateful()...) {
			for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
				if !r.At(policy).Exists() {
					c.report(r, problem{found: "no " + policy, expected: "Retain, Snapshot or Delete", fix: "choose one", config: "state.removal"})
				}
			}
			if r.Stack.TerminationProtection && r.At("DeletionPolicy").Is("Delete") && !reproducible(r.Type) {
				c.report(r, problem{
					found: "DeletionPolicy Delete in a stack with termination protection", expected: "Retain",
					fix: "write removal: retain, or protect: false", config: "state.removal", warning: true,
				})
			}
		}
	}}
}

func stateful() []string {
	return []string{
		"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret",
		"AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::EFS::FileSystem",
	}
}

// reproducible is whether what a type holds can be made again.
func reproducible(kind string) bool { return kind == "AWS::SecretsManager::Secret" }
