package doctor

import (
	"context"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/config"
)

// Identity tells whose credentials are used.
type Identity interface {
	// Identity returns the account's id and who is acting in it.
	Identity(ctx context.Context) (account, arn string, err error)
}

// identityCheck holds the account against the configured one.
type identityCheck struct {
	account Identity
	wanted  config.AWS
}

// Name implements Check.
func (identityCheck) Name() string { return "account" }

// What implements Check.
func (identityCheck) What() string { return "the credentials are of the configured account" }

// Run implements Check.
func (c identityCheck) Run(ctx context.Context) ([]Finding, error) {
	account, arn, err := c.account.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if c.wanted.Account != "" && account != c.wanted.Account {
		return one(Fail, "use credentials of that account (AWS_PROFILE), or change aws.account",
			"%s is in account %s, and aws.account is %s", arn, account, c.wanted.Account)
	}
	return one(OK, "", "%s in account %s, region %s", arn, account, c.wanted.Region)
}

// bootstrapCheck looks for the CDK's own stack.
type bootstrapCheck struct{ stacks deployed.Stacks }

const bootstrapStack = "CDKToolkit"

// Name implements Check.
func (bootstrapCheck) Name() string { return "bootstrap" }

// What implements Check.
func (bootstrapCheck) What() string {
	return "the CDK has a place for assets in this account and region"
}

// Run implements Check.
func (c bootstrapCheck) Run(ctx context.Context) ([]Finding, error) {
	stacks, err := c.stacks.Stacks(ctx, bootstrapStack)
	if err != nil {
		return nil, err
	}
	for _, stack := range stacks {
		if version := stack.Outputs["BootstrapVersion"]; version != "" {
			return one(OK, "", "bootstrapped, version %s", version)
		}
	}
	return one(Warn, "run 'npx cdk bootstrap', unless yours has another name", "there is no stack %s", bootstrapStack)
}
