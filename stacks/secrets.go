package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
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
	secret.GrantRead(grantee, nil)
}
