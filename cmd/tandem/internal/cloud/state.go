package cloud

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/keys"
	keystore "tandem/runtime/keys/dynamostore"
	"tandem/runtime/settings"
)

// Keys opens the keys of a state table.
func (c *Cloud) Keys(table string) keys.Store {
	return keystore.New(dynamodb.NewFromConfig(c.config), table)
}

// Store opens the jobs of a state table.
func (c *Cloud) Store(table string) *dynamostore.Store {
	return dynamostore.New(dynamostore.Options{Client: dynamostore.NewClient(c.config), Table: table})
}

// Fleet is what the capacity controller knew and decided last; zero before its
// first run.
func (c *Cloud) Fleet(ctx context.Context, d *deployed.Deployment) (fleetstate.State, error) {
	return dynamofleet.Store{Client: dynamodb.NewFromConfig(c.config), Table: d.Table}.Latest(ctx)
}

// Jobs speaks for any tenant of a deployment, past its API: for operators.
func (c *Cloud) Jobs(d *deployed.Deployment) *jobs.Service {
	return jobs.NewService(jobs.ServiceOptions{
		Store: c.Store(d.Table),
		Queue: sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(c.config), URL: sqsqueue.URLs(d.Queues, "")}),
		Blobs: s3blobs.New(s3blobs.Options{Client: c.s3(), Bucket: d.Bucket}),
		Lanes: sqsqueue.Lanes(d.Queues), Clock: c.clock, Log: slog.New(slog.DiscardHandler),
	})
}

func (c *Cloud) s3() *s3.Client {
	// Emulators know buckets by the path alone.
	return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = c.config.BaseEndpoint != nil })
}

// RemoveKey takes a key away without a trace.
func (c *Cloud) RemoveKey(ctx context.Context, d *deployed.Deployment, id string) error {
	return keystore.New(dynamodb.NewFromConfig(c.config), d.Table).Remove(ctx, id)
}

// RemoveJob takes a job that is over away without a trace, but for its payloads.
func (c *Cloud) RemoveJob(ctx context.Context, d *deployed.Deployment, id string) error {
	return c.Store(d.Table).Remove(ctx, id)
}

// RemovePayloads deletes every input, result and checkpoint of a tenant. The
// tenant must be one that nothing else is known of.
func (c *Cloud) RemovePayloads(ctx context.Context, d *deployed.Deployment, tenant string) error {
	if err := keys.CheckTenant(tenant); err != nil {
		return fmt.Errorf("removing payloads: %w", err)
	}
	for _, prefix := range []string{settings.InputPrefix, settings.UploadPrefix, settings.ResultPrefix, settings.CheckpointPrefix, settings.StepPrefix} {
		if err := c.removeObjects(ctx, d.Bucket, prefix+tenant+"/"); err != nil {
			return fmt.Errorf("removing what is below %s%s/ in bucket %s: %w", prefix, tenant, d.Bucket, err)
		}
	}
	return nil
}

func (c *Cloud) removeObjects(ctx context.Context, bucket, prefix string) error {
	client := c.s3()
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		var objects []types.ObjectIdentifier
		for _, object := range page.Contents {
			objects = append(objects, types.ObjectIdentifier{Key: object.Key})
		}
		if len(objects) == 0 {
			continue
		}
		out, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)}})
		if err != nil {
			return err
		}
		if len(out.Errors) > 0 {
			return fmt.Errorf("%d objects stay: %s", len(out.Errors), aws.ToString(out.Errors[0].Message))
		}
	}
	return nil
}
