package main

import (
	"context"
	"errors"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/exit"
)

type jobsCommands struct {
	URL string `name:"url" help:"Where the API begins. Default: looked up by --env." env:"TANDEM_URL" placeholder:"URL"`
	Key string `help:"Key to call the API with; better given by the variable." env:"TANDEM_API_KEY" placeholder:"KEY"`

	Submit  jobsSubmit  `cmd:"" help:"Submit a job."`
	Get     jobsGet     `cmd:"" help:"Show a job."`
	List    jobsList    `cmd:"" help:"List your jobs, newest first."`
	Watch   jobsWatch   `cmd:"" help:"Watch a job until it has ended; its partial output goes to standard output."`
	Result  jobsResult  `cmd:"" help:"Fetch the result of a job."`
	Cancel  jobsCancel  `cmd:"" help:"Cancel jobs."`
	Redrive jobsRedrive `cmd:"" help:"Put jobs that did not succeed back into the queue."`
}

// client calls the API that --url or --env names.
func (c *jobsCommands) client(ctx context.Context, g *globals, with *services) (*apiclient.Client, error) {
	if c.Key == "" {
		return nil, exit.With(exit.Usage, errors.New("give a key by TANDEM_API_KEY or --key; 'tandem keys create' makes one"))
	}
	at := c.URL
	if at == "" {
		if g.Env == "" {
			return nil, exit.With(exit.Usage, errors.New("say which API: by TANDEM_URL or --url, or by --env"))
		}
		opened, found, err := with.deployment(ctx, g, deployed.NeedAPI)
		if err != nil {
			return nil, err
		}
		at = opened.URL(found.URL)
	}
	return apiclient.New(apiclient.Options{URL: at, Key: c.Key})
}
