// Package awsmodels puts a models.Router together from its AWS adapters, for
// the functions that ask models.
package awsmodels

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"tandem/prices"
	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/models"
	"tandem/runtime/models/anthropic"
	"tandem/runtime/models/bedrock"
	"tandem/runtime/models/budget"
	"tandem/runtime/models/dynamobudget"
	"tandem/runtime/models/emf"
	"tandem/runtime/models/openai"
	"tandem/runtime/models/tokenprices"
	"tandem/runtime/models/upstream"
	"tandem/runtime/secrets"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
)

// Options say what is asked and where it is written down.
type Options struct {
	Routes  settings.Routes
	Table   string
	Release settings.Release
	// WakeFunction wakes the services of the routes that a call finds asleep; empty
	// where none sleeps.
	WakeFunction string
	// Metrics takes a line a call; in Lambda, standard output.
	Metrics io.Writer
	Log     *slog.Logger
}

// Router makes the router.
func Router(config aws.Config, options Options) (*models.Router, error) {
	table, err := prices.LoadTokens()
	if err != nil {
		return nil, fmt.Errorf("reading the prices of tokens: %w", err)
	}
	budgets, err := budget.New(budget.Options{Store: dynamobudget.New(dynamodb.NewFromConfig(config), options.Table)})
	if err != nil {
		return nil, err
	}
	var waker models.Waker // none, rather than one of nothing
	if options.WakeFunction != "" {
		waker = wake.New(wake.Options{
			Invoker: lambdawaker.Invoker{Client: lambda.NewFromConfig(config), Function: options.WakeFunction},
			Fleet:   wake.Turns{Store: dynamofleet.Store{Client: dynamodb.NewFromConfig(config), Table: options.Table}},
			Log:     options.Log,
		})
	}
	client := upstream.NewClient()
	speaks := openai.Connect(client)
	return models.New(models.Options{
		Routes: options.Routes,
		Connect: map[string]models.Connect{
			"openai": speaks, "service": speaks, "anthropic": anthropic.Connect(client), "bedrock": bedrock.Connect(config, client),
		},
		Keys:    secrets.New(secrets.Options{Client: secretsmanager.NewFromConfig(config)}),
		Meter:   emf.New(emf.Options{Writer: options.Metrics, Application: options.Release.Application, Environment: options.Release.Environment}),
		Prices:  tokenprices.Prices{Table: table},
		Budgets: budgets,
		Waker:   waker,
	})
}
