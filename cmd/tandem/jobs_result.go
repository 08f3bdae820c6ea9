package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/jobview"
	"tandem/runtime/httpapi/api"
)

type jobsResult struct {
	ID     string `arg:"" help:"The job's id."`
	Output string `short:"o" help:"File to write it to; - is standard output, which is the default." placeholder:"FILE" predictor:"file"`
}

// Run fetches a result.
func (c *jobsResult) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	job, err := client.Job(ctx, c.ID, 0)
	if err != nil {
		return err
	}
	if err := jobview.Verdict(job); err != nil {
		return err
	}
	if !apiclient.Over(job) {
		return fmt.Errorf("job %s is %s; 'tandem jobs watch %s' waits for its end", job.ID, job.State, job.ID)
	}
	if c.Output != "" && c.Output != "-" {
		return c.toFile(ctx, client, job, s)
	}
	if display.Terminal(s.out) && !readable(job.Result.ContentType) {
		return exit.With(exit.Usage, fmt.Errorf("the result is %s of %s, which a terminal cannot show: name a file by --output",
			display.Size(job.Result.Size), display.Clean(job.Result.ContentType)))
	}
	if display.Terminal(s.out) {
		s.err = io.Discard // a bar would be drawn into the result
	}
	return fetch(ctx, client, job, s.out, s)
}

func fetch(ctx context.Context, client *apiclient.Client, job api.Job, to io.Writer, s streams) error {
	bar := display.Bytes(s.err, "downloading", job.Result.Size)
	defer bar.Done()
	_, err := client.Download(ctx, job, to, bar.Set)
	return err
}

// toFile writes beside the file and renames at the end, so that what bears its
// name is whole.
func (c *jobsResult) toFile(ctx context.Context, client *apiclient.Client, job api.Job, s streams) error {
	part, err := os.CreateTemp(filepath.Dir(c.Output), "."+filepath.Base(c.Output)+".part-")
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	err = fetch(ctx, client, job, part, s)
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), c.Output)
	}
	if err != nil {
		_ = os.Remove(part.Name())
		return err
	}
	fmt.Fprintf(s.err, "%s: %s of %s\n", c.Output, display.Size(job.Result.Size), display.Clean(job.Result.ContentType))
	return nil
}

// readable tells whether people can read a content type.
func readable(contentType string) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return strings.HasPrefix(media, "text/") || media == "application/json" || strings.HasSuffix(media, "+json") || media == "application/xml"
}
