package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/local"
	"tandem/cmd/tandem/internal/local/localmodels"
	"tandem/cmd/tandem/internal/local/model"
	"tandem/runtime/jobs"
)

type localCommand struct {
	Port    int    `help:"Port of the API on 127.0.0.1; 0 takes a free one." default:"8000"`
	Model   string `help:"Endpoint of a model container that runs already. Default: an example is started." placeholder:"URL"`
	Verbose bool   `help:"Log what happens." short:"v"`

	// Their values are secrets: they are given by the environment alone.
	OpenAIKey    string `name:"openai-api-key" env:"OPENAI_API_KEY" hidden:""`
	OpenAIURL    string `name:"openai-base-url" env:"OPENAI_BASE_URL" hidden:""`
	AnthropicKey string `name:"anthropic-api-key" env:"ANTHROPIC_API_KEY" hidden:""`
}

// Help is shown by --help.
func (localCommand) Help() string {
	return `Nothing is deployed and nothing is kept: jobs live in memory until Ctrl-C.
With --env, jobs go to the workers of that environment; each runs the example in
place of its image. Without, there is one worker, document-analyser.

Models answer as OpenAI's API does, below /v1. Where OPENAI_API_KEY or
ANTHROPIC_API_KEY is set, the routes to that provider are real and cost what they
cost; a model without such a route is answered by a built-in one that makes its
answers up. OPENAI_BASE_URL is followed.`
}

// Run serves until it is stopped.
func (c *localCommand) Run(ctx context.Context, g *globals, s streams) error {
	options := local.Options{Port: c.Port, Application: "tandem", Environment: "local", Log: c.log(s)}
	if err := c.workers(g, &options); err != nil {
		return err
	}
	input, name := `{"text": "The court ruled. The court was clear."}`, c.Model
	options.Model = c.Model
	running := ctx
	if c.Model == "" {
		example, process, cleanup, err := c.example(ctx, s)
		if err != nil {
			return err
		}
		defer cleanup()
		input, name, options.Model = example.Input, example.Name, process.Endpoint
		var stop context.CancelCauseFunc
		running, stop = context.WithCancelCause(ctx)
		defer stop(nil)
		go func() {
			<-process.Done()
			stop(process.Err())
		}()
	}
	err := local.Run(running, options, func(ready local.Ready) {
		if g.JSON {
			_ = display.JSONLine(s.out, ready)
			return
		}
		c.explain(s, ready, name, input)
	})
	if err == nil && ctx.Err() == nil {
		return context.Cause(running) // the model has ended by itself
	}
	return err
}

// workers takes them from the environment, if one is named.
func (c *localCommand) workers(g *globals, options *local.Options) error {
	keys := localmodels.Keys{OpenAI: c.OpenAIKey, OpenAIURL: c.OpenAIURL, Anthropic: c.AnthropicKey}
	var err error
	if g.Env == "" {
		options.Router, err = localmodels.Router(localmodels.Default("document-analyser"), keys)
		options.Workers = []local.Worker{{Name: "document-analyser", Slots: 4, Timeout: time.Hour, MaxAttempts: 3}}
		return err
	}
	loaded, err := g.environment()
	if err != nil {
		return err
	}
	options.ModelTimeout = loaded.Config.API.Timeout.Std()
	if options.Router, err = localmodels.Router(localmodels.Of(loaded.Config), keys); err != nil {
		return err
	}
	options.Application, options.Environment = loaded.Config.Name, g.Env
	for name, worker := range loaded.Config.Workers {
		w := local.Worker{Name: name, Slots: worker.Concurrency, Timeout: worker.Timeout.Std(), MaxAttempts: worker.MaxAttempts}
		for _, priority := range worker.Priorities {
			w.Priorities = append(w.Priorities, jobs.Priority(priority))
		}
		options.Workers = append(options.Workers, w)
	}
	if len(options.Workers) == 0 {
		return fmt.Errorf("the environment %s has no workers", g.Env)
	}
	slices.SortFunc(options.Workers, func(a, b local.Worker) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// example starts one of the repository's models.
func (c *localCommand) example(ctx context.Context, s streams) (model.Example, *model.Process, func(), error) {
	example, err := model.Find(".", exec.LookPath)
	if err != nil {
		return example, nil, nil, err
	}
	folder, err := os.MkdirTemp("", "tandem-local-")
	if err != nil {
		return example, nil, nil, fmt.Errorf("making a folder for the model: %w", err)
	}
	fmt.Fprintf(s.err, "starting %s\n", example.Name)
	args, err := example.Prepare(ctx, folder)
	if err != nil {
		_ = os.RemoveAll(folder)
		return example, nil, nil, err
	}
	said := io.Discard
	if c.Verbose {
		said = s.err
	}
	process, err := model.Start(ctx, args, said)
	if err != nil {
		_ = os.RemoveAll(folder)
		return example, nil, nil, err
	}
	return example, process, func() {
		process.Stop(5 * time.Second)
		_ = os.RemoveAll(folder)
	}, nil
}

func (c *localCommand) log(s streams) *slog.Logger {
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: level}))
}

func firstModel(names []string) string {
	if len(names) == 0 {
		return "NAME"
	}
	return names[0]
}

// explain prints what to try.
func (c *localCommand) explain(s streams, ready local.Ready, model, input string) {
	_ = display.Fields(s.out,
		display.Field{Name: "API", Value: ready.URL}, display.Field{Name: "key", Value: ready.Key},
		display.Field{Name: "workers", Value: strings.Join(ready.Workers, ", ")}, display.Field{Name: "container", Value: model},
		display.Field{Name: "models", Value: strings.Join(ready.Models, ", ")},
		display.Field{Name: "webhooks", Value: "are signed with " + ready.WebhookSecret})
	fmt.Fprintf(s.out, `
export TANDEM_URL=%s TANDEM_API_KEY=%s

# submit a job and wait up to 10 s for its end
curl -s "$TANDEM_URL/v1/jobs" -H "Authorization: Bearer $TANDEM_API_KEY" \
  -H 'Content-Type: application/json' -H 'Prefer: wait=10' \
  -d '{"worker": "%s", "input": %s}'

# ask a model, as OpenAI's API is asked
curl -s "$TANDEM_URL/v1/chat/completions" -H "Authorization: Bearer $TANDEM_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '{"model": "%s", "messages": [{"role": "user", "content": "Hello"}]}'

# list jobs; read one by its id; watch one
curl -s "$TANDEM_URL/v1/jobs" -H "Authorization: Bearer $TANDEM_API_KEY"
curl -s "$TANDEM_URL/v1/jobs/ID" -H "Authorization: Bearer $TANDEM_API_KEY"
curl -sN "$TANDEM_URL/v1/jobs/ID/events" -H "Authorization: Bearer $TANDEM_API_KEY"

# the same with this program
tandem jobs submit --worker %s --data '%s' --watch

`, ready.URL, ready.Key, ready.Workers[0], input, firstModel(ready.Models), ready.Workers[0], input)
	fmt.Fprintln(s.err, "Ctrl-C stops it.")
}
