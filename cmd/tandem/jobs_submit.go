package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/google/uuid"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/jobview"
	"tandem/cmd/tandem/internal/moment"
	"tandem/cmd/tandem/internal/payload"
	"tandem/runtime/httpapi/api"
)

type jobsSubmit struct {
	Worker         string            `required:"" short:"w" help:"Worker that runs it, a key of workers in the configuration." placeholder:"NAME"`
	Input          string            `short:"i" help:"File with the input; - is standard input. Large ones, and all but JSON, go through an upload slot." placeholder:"FILE" predictor:"file"`
	Data           string            `short:"d" help:"The input itself, in JSON." placeholder:"JSON"`
	ContentType    string            `help:"What the file is. Default: what its name says." placeholder:"TYPE"`
	Priority       string            `help:"How urgently it is taken." enum:"high,normal,low" default:"normal"`
	Deadline       string            `help:"When the job expires unless it has ended: a span such as 2h, or a time." placeholder:"WHEN"`
	Webhook        string            `help:"https URL to call when the job has ended." placeholder:"URL"`
	Metadata       map[string]string `short:"m" help:"A string of your own to keep with the job; may be repeated." mapsep:"none" placeholder:"NAME=VALUE"`
	IdempotencyKey string            `help:"The same key with the same job is one job, however often it is submitted. Default: a random one." placeholder:"KEY"`
	Watch          bool              `help:"Watch the job until it has ended."`
}

// Run submits a job. Its id alone goes to standard output, unless it is watched.
func (c *jobsSubmit) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	request, err := c.request(with)
	if err != nil {
		return err
	}
	input, err := payload.Open(payload.Source{File: c.Input, Data: c.Data, ContentType: c.ContentType}, s.in)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	defer input.Close()
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	if request.Input = input.Inline; input.Content != nil {
		id, err := upload(ctx, client, input, filepath.Base(c.Input), s)
		if err != nil {
			return err
		}
		request.Upload = &id
	}
	submission := apiclient.Submission{JobRequest: request, IdempotencyKey: c.IdempotencyKey}
	if submission.IdempotencyKey == "" {
		submission.IdempotencyKey = uuid.NewString()
	}
	job, err := client.Submit(ctx, submission)
	if err != nil {
		return err
	}
	switch {
	case c.Watch:
		fmt.Fprintf(s.err, "job %s\n", job.ID)
		follower := jobview.Follower{Out: s.out, Talk: s.err, JSON: g.JSON}
		return follower.Follow(job.ID, client.Watch(ctx, job.ID))
	case g.JSON:
		return display.JSON(s.out, job)
	default:
		fmt.Fprintln(s.out, job.ID)
		return nil
	}
}

func (c *jobsSubmit) request(with *services) (api.JobRequest, error) {
	request := api.JobRequest{Worker: c.Worker, Metadata: c.Metadata}
	deadline, err := moment.In(c.Deadline, with.now())
	if err != nil {
		return request, exit.With(exit.Usage, fmt.Errorf("--deadline: %w", err))
	}
	if !deadline.IsZero() {
		request.Deadline = &deadline
	}
	priority := api.Priority(c.Priority)
	request.Priority = &priority
	if c.Webhook != "" {
		request.Webhook = &api.WebhookRequest{URL: c.Webhook}
	}
	return request, nil
}

func upload(ctx context.Context, client *apiclient.Client, input *payload.Payload, name string, s streams) (string, error) {
	bar := display.Bytes(s.err, "uploading "+name, input.Size)
	defer bar.Done()
	return client.Upload(ctx, apiclient.Input{
		Content: input.Content, Size: input.Size, ContentType: input.ContentType, Progress: bar.Set,
	})
}
