package fault

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/settings"
	"tandem/test/checkout"
	"tandem/test/emulator"
)

// binaries are the programs, by what they are built from.
type binaries struct{ worker, skewed, model, api, sweeper string }

// build compiles all programs for this machine, from packages that are compiled for
// the tests anyway.
func build(ctx context.Context, folder string) (binaries, error) {
	root, err := checkout.Root()
	if err != nil {
		return binaries{}, err
	}
	var b binaries
	var group errgroup.Group
	group.SetLimit(2)
	for path, target := range map[string]*string{
		"./runtime/worker/cmd/worker": &b.worker, "./test/fault/cmd/skewedworker": &b.skewed, "./test/fault/cmd/model": &b.model,
		"./runtime/functions/jobsapi": &b.api, "./runtime/functions/sweeper": &b.sweeper,
	} {
		*target = filepath.Join(folder, filepath.Base(path))
		group.Go(func() error {
			command := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-o", *target, path)
			command.Dir = root
			if output, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("building %s: %w\n%s", path, err, output)
			}
			return nil
		})
	}
	return b, group.Wait()
}

// resources are what the stacks would have made.
type resources struct {
	table, bucket, webhooks string
	queues                  settings.Queues
}

// deploy makes the resources on the emulator.
func deploy(ctx context.Context, at *emulator.Emulator) (resources, error) {
	config := at.Config()
	r := resources{table: "state", bucket: "data", queues: settings.Queues{Workers: map[string]map[string]string{workerName: {}}}}
	if err := dynamostore.CreateTable(ctx, dynamostore.NewClient(config), r.table); err != nil {
		return r, err
	}
	buckets := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &r.bucket}); err != nil {
		return r, fmt.Errorf("making the bucket: %w", err)
	}
	queues := sqs.NewFromConfig(config)
	for _, priority := range []string{"high", "normal", "low", "webhooks"} {
		name := workerName + "-" + priority
		made, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
		if err != nil {
			return r, fmt.Errorf("making the queue %s: %w", name, err)
		}
		url := aws.ToString(made.QueueUrl)
		if priority == "webhooks" {
			r.webhooks = url
			continue
		}
		r.queues.Base = strings.TrimSuffix(url, name)
		r.queues.Workers[workerName][priority] = name
	}
	return r, nil
}

func (r resources) state() settings.State { return settings.State{Table: r.table, Bucket: r.bucket} }

var release = settings.Release{Application: "tandem", Environment: "fault"}

// environ is a program's whole environment: its settings, and its way to AWS.
func environ(at *emulator.Emulator, endpoint string, variables map[string]string) []string {
	all := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "TMPDIR=" + os.TempDir()}
	for _, variable := range at.Environ() {
		if !strings.HasPrefix(variable, "AWS_ENDPOINT_URL=") {
			all = append(all, variable)
		}
	}
	all = append(all, "AWS_ENDPOINT_URL="+endpoint)
	for name, value := range variables {
		all = append(all, name+"="+value)
	}
	return all
}
