package measure

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/awsclock"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/test/emulator"
)

// cloud is an emulator with what a deployment has of it.
type cloud struct {
	emulator *emulator.Emulator
	config   aws.Config
	state    settings.State
	queues   settings.Queues
}

// newCloud starts an emulator; the caller stops it.
func newCloud(ctx context.Context) (*cloud, error) {
	running, err := emulator.Start(ctx, emulator.Options{})
	if err != nil {
		return nil, err
	}
	c := &cloud{emulator: running, config: running.Config(), state: settings.State{Table: "state", Bucket: "data"},
		queues: settings.Queues{Workers: map[string]map[string]string{}}}
	if err := c.furnish(ctx); err != nil {
		c.stop()
		return nil, fmt.Errorf("making table, bucket and queues: %w", err)
	}
	return c, nil
}

func (c *cloud) stop() { _ = c.emulator.Stop() }

func (c *cloud) furnish(ctx context.Context) error {
	if err := dynamostore.CreateTable(ctx, dynamostore.NewClient(c.config), c.state.Table); err != nil {
		return err
	}
	if _, err := c.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &c.state.Bucket}); err != nil {
		return err
	}
	return c.addQueues(ctx, workerName)
}

// addQueues makes the queues of one worker.
func (c *cloud) addQueues(ctx context.Context, worker string) error {
	named := map[string]string{}
	for _, priority := range []jobs.Priority{jobs.High, jobs.Normal, jobs.Low} {
		created, err := sqs.NewFromConfig(c.config).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(worker + "-" + string(priority))})
		if err != nil {
			return err
		}
		place := strings.LastIndexByte(*created.QueueUrl, '/') + 1
		c.queues.Base, named[string(priority)] = (*created.QueueUrl)[:place], (*created.QueueUrl)[place:]
	}
	c.queues.Workers[worker] = named
	return nil
}

func (c *cloud) s3() *s3.Client {
	return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = true })
}

// deployment is the programs' own adapters over clients that may be watched.
type deployment struct {
	store   *dynamostore.Store
	queue   *sqsqueue.Queue
	blobs   *s3blobs.Blobs
	clock   *awsclock.Clock
	service *jobs.Service
	runner  *jobs.Runner
}

// deploy puts them together as the functions and the worker do. watch may be nil.
func (c *cloud) deploy(config aws.Config, watch *watcher) *deployment {
	d := &deployment{clock: awsclock.New()}
	config = config.Copy()
	d.clock.Attach(&config)
	var database dynamostore.Client = dynamostore.NewClient(config)
	var messages sqsqueue.Client = sqs.NewFromConfig(config)
	if watch != nil {
		database, messages = watchedTable{database, watch}, watchedQueue{messages, watch}
	}
	d.store = dynamostore.New(dynamostore.Options{Client: database, Table: c.state.Table})
	d.queue = sqsqueue.New(sqsqueue.Options{Client: messages, URL: sqsqueue.URLs(c.queues, "")})
	d.blobs = s3blobs.New(s3blobs.Options{Client: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), Bucket: c.state.Bucket})
	d.service = jobs.NewService(jobs.ServiceOptions{Store: d.store, Queue: d.queue, Blobs: d.blobs, Clock: d.clock})
	d.runner = jobs.NewRunner(jobs.RunnerOptions{Store: d.store, Queue: d.queue, Clock: d.clock})
	return d
}

// workerEnviron is the environment of a worker's process.
func (c *cloud) workerEnviron(adjust func(*settings.Worker)) []string {
	s := settings.Worker{
		State: c.state, Release: settings.Release{Application: "tandem", Environment: "bench"},
		Name: workerName, Queues: c.queues, Timeout: time.Hour, StopTimeout: 5 * time.Second, PollWait: 20 * time.Second,
		Concurrency: 1, LocalAddress: "127.0.0.1:0", Log: settings.Log{Level: "warn"},
	}
	adjust(&s)
	s.Queues.Workers = map[string]map[string]string{s.Name: c.queues.Workers[s.Name]}
	variables := append(c.emulator.Environ(), "PATH="+os.Getenv("PATH"))
	for name, value := range settings.Encode(s) {
		variables = append(variables, name+"="+value)
	}
	return variables
}
