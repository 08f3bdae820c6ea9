package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"tandem/config"
	"tandem/constructs/accepted"
	"tandem/constructs/databucket"
	"tandem/constructs/statetable"
	"tandem/runtime/settings"
)

// State is what must outlive a redeploy.
type State struct {
	Stack awscdk.Stack
	Table *statetable.StateTable
	Data  *databucket.DataBucket
	// Key encrypts all of it; nil where AWS's own keys do.
	Key awskms.IKey
	// WebhookSecret is what each tenant's signing key is derived from.
	WebhookSecret awssecretsmanager.ISecret

	// names are asked for once: each question goes through jsii.
	names settings.State
}

func newState(app awscdk.App, p *Props) *State {
	c := p.Config
	s := &State{Stack: p.newStack(app, "State", tierShared, "Tables, buckets and keys that outlive every redeploy")}
	if c.State.CustomerKey {
		s.Key = newKey(s.Stack, c)
	}
	s.Table = statetable.New(s.Stack, "StateTable", &statetable.Props{
		RemovalPolicy:       removal(c.State.Removal),
		DeletionProtection:  isTrue(c.State.Protect),
		PointInTimeRecovery: isTrue(c.State.PointInTimeRecovery),
		Key:                 s.Key,
	})
	s.Data = databucket.New(s.Stack, "DataBucket", &databucket.Props{
		RemovalPolicy: removal(c.State.Removal),
		Key:           s.Key,
		Keep: map[string]int{
			settings.InputPrefix:      c.State.KeepInputs.Days(),
			settings.UploadPrefix:     c.State.KeepInputs.Days(),
			settings.ResultPrefix:     c.State.KeepResults.Days(),
			settings.CheckpointPrefix: c.State.KeepCheckpoints.Days(),
			settings.StepPrefix:       c.State.KeepCheckpoints.Days(),
		},
	})
	s.WebhookSecret = newWebhookSecret(s.Stack, s.Key)
	s.names = settings.State{Table: *s.Table.Table().TableName(), Bucket: *s.Data.Bucket().BucketName()}
	s.output("StateTableName", "Jobs and API keys", &s.names.Table)
	s.output("DataBucketName", "Inputs, results and checkpoints", &s.names.Bucket)
	s.output("WebhookSecretArn", "What each tenant's webhook signing key is derived from", s.WebhookSecret.SecretArn())
	return s
}

// output tells operators' tools, which find a deployment by its stacks alone,
// where something is.
func (s *State) output(id, description string, value *string) {
	awscdk.NewCfnOutput(s.Stack, &id, &awscdk.CfnOutputProps{Description: &description, Value: value})
}

func newKey(stack awscdk.Stack, c *config.Config) awskms.Key {
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts jobs, payloads and messages"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal(c.State.Removal),
	})
	// Without it EventBridge drops what it cannot put into an encrypted queue, in silence.
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("EventBridgeToQueues"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
	}), nil)
	return key
}

func newWebhookSecret(stack awscdk.Stack, key awskms.IKey) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(stack, jsii.String("WebhookSecret"), &awssecretsmanager.SecretProps{
		Description:   jsii.String("Each tenant's webhook signing key is derived from this"),
		EncryptionKey: key,
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true),
		},
	})
	const reason = "Rotating it would invalidate every receiver's key at once; docs/deploy.md tells how to rotate it by hand."
	accepted.OnResource(secret,
		accepted.Finding{Rule: "AwsSolutions-SMG4", Reason: reason},
		accepted.Finding{Rule: "CKV_AWS_149", Reason: "Encrypted with AWS's key for Secrets Manager unless state.customerKey is set."})
	return secret
}
