package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// secrets turns names of Secrets Manager secrets, made by the user, into what
// a container gets as environment variables when it starts.
func (p *Props) secrets(scope constructs.Construct, names map[string]string) map[string]awsecs.Secret {
	secrets := map[string]awsecs.Secret{}
	for _, variable := range sorted(names) {
		secret := awssecretsmanager.Secret_FromSecretNameV2(scope, jsii.String("Secret-"+variable), jsii.String(names[variable]))
		secrets[variable] = awsecs.Secret_FromSecretsManager(secret, nil)
	}
	return secrets
}

// grantSecret allows reading one secret by name; Secrets Manager adds six
// characters to the ARN, which nobody knows before the secret exists.
func grantSecret(scope constructs.Construct, grantee awsiam.IGrantable, name string) {
	id := "Secret-" + name
	secret, _ := scope.Node().TryFindChild(&id).(awssecretsmanager.ISecret)
	if secret == nil {
		secret = awssecretsmanager.Secret_FromSecretNameV2(scope, &id, &name)
	}
	// The six characters are the only star; GrantRead would allow describing it too.
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("secretsmanager:GetSecretValue"),
		ResourceArns: &[]*string{jsii.String(*secret.SecretArn() + "-??????")},
	})
}

// grantWebhookSecret allows reading the secret that signing keys are derived
// from. The secret's own grant would write the reader into the key's policy,
// and so make the State stack depend on a later one.
func (s *State) grantWebhookSecret(grantee awsiam.IGrantable) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("secretsmanager:GetSecretValue"),
		ResourceArns: &[]*string{s.WebhookSecret.SecretArn()},
	})
	if s.Key != nil {
		s.Key.GrantDecrypt(grantee)
	}
}

// acceptPrefixes records why a role's policy has stars: objects below a prefix
// have no other name than the prefix with a star, and the versions of a
// function none but its own with one.
func acceptPrefixes(role awsiam.IRole) {
	accepted.OnPolicies(role, accepted.Finding{
		Rule:   "AwsSolutions-IAM5",
		Reason: "Each star follows a prefix: objects below a prefix of the data bucket, versions of one function, or a KMS action of one key.",
	})
}
