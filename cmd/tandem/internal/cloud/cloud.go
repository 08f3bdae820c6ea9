// Package cloud reaches a deployment's AWS account: it lists stacks, opens the
// state table and the data bucket, and says in plain words what AWS refuses. It
// is the only package of the command line that knows the AWS SDK, beside the
// doctor's.
package cloud

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/secrets"
)

// Cloud is one account in one region.
type Cloud struct {
	config aws.Config
	clock  *awsclock.Clock
}

// New takes credentials, and the endpoint of an emulator, from AWS's usual
// environment. The region is the configuration's: that is where its stacks are.
func New(ctx context.Context, region string) (*Cloud, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("reading AWS's configuration: %w", err)
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, exit.With(exit.Refused, fmt.Errorf(
			"there are no usable AWS credentials: set AWS_PROFILE, sign in by 'aws sso login', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: %w", err))
	}
	return FromConfig(loaded), nil
}

// FromConfig uses a configuration of the AWS SDK as it is.
func FromConfig(config aws.Config) *Cloud {
	c := &Cloud{config: config.Copy(), clock: awsclock.New()}
	c.clock.Attach(&c.config)
	return c
}

// Config is what other clients of the same account are made from.
func (c *Cloud) Config() aws.Config { return c.config }

// URL is where an API can be reached: as its stack says or, on an emulator, at
// the emulator.
func (c *Cloud) URL(stackSays string) string {
	if c.config.BaseEndpoint == nil {
		return stackSays
	}
	return emulated(*c.config.BaseEndpoint, stackSays)
}

// emulated turns https://<api>.execute-api.<region>.<suffix>/<stage>/ into the
// path under which emulators serve REST APIs.
func emulated(endpoint, raw string) string {
	at, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	api, rest, _ := strings.Cut(at.Hostname(), ".")
	stage := strings.Trim(at.Path, "/")
	if !strings.HasPrefix(rest, "execute-api.") || stage == "" {
		return raw
	}
	return strings.TrimSuffix(endpoint, "/") + "/restapis/" + api + "/" + stage + "/_user_request_"
}

// Stacks implements deployed.Stacks.
func (c *Cloud) Stacks(ctx context.Context, prefix string) ([]deployed.Stack, error) {
	var found []deployed.Stack
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(c.config), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, stack := range page.Stacks {
			if !strings.HasPrefix(aws.ToString(stack.StackName), prefix) {
				continue
			}
			one := deployed.Stack{Name: aws.ToString(stack.StackName), Status: string(stack.StackStatus),
				Reason: aws.ToString(stack.StackStatusReason), Outputs: map[string]string{}}
			if one.Updated = aws.ToTime(stack.LastUpdatedTime); one.Updated.IsZero() {
				one.Updated = aws.ToTime(stack.CreationTime)
			}
			for _, output := range stack.Outputs {
				one.Outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
			}
			found = append(found, one)
		}
	}
	return found, nil
}

// Secret reads a secret by its name or ARN.
func (c *Cloud) Secret(ctx context.Context, name string) (string, error) {
	return secrets.New(secrets.Options{Client: secretsmanager.NewFromConfig(c.config)}).Get(ctx, name)
}
