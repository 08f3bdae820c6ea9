package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"tandem/test/emulator"
)

// qualifier and version are those of the CDK's default bootstrap stack
// (https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html, 2026-11-24).
const qualifier, version = "hnb659fds", "30"

// bootstrap creates what the CDK's command line needs of a bootstrapped
// account, its version and its bucket, in milliseconds rather than by the stack.
func bootstrap(ctx context.Context, e *emulator.Emulator) error {
	_, err := ssm.NewFromConfig(e.Config()).PutParameter(ctx, &ssm.PutParameterInput{
		Name:      aws.String("/cdk-bootstrap/" + qualifier + "/version"),
		Value:     aws.String(version),
		Type:      ssmtypes.ParameterTypeString,
		Overwrite: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("bootstrapping the emulator: %w", err)
	}
	input := &s3.CreateBucketInput{Bucket: aws.String(fmt.Sprintf("cdk-%s-assets-%s-%s", qualifier, e.Account(), e.Region()))}
	// us-east-1 is the one region that may not be named.
	if e.Region() != "us-east-1" {
		input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(e.Region()),
		}
	}
	var owned *s3types.BucketAlreadyOwnedByYou
	if _, err := s3.NewFromConfig(e.Config()).CreateBucket(ctx, input); err != nil && !errors.As(err, &owned) {
		return fmt.Errorf("bootstrapping the emulator: %w", err)
	}
	return nil
}
