package main

import (
	"context"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/doctor/awsaccount"
	"tandem/cmd/tandem/internal/documentlist"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

// account is what commands reach a deployment's AWS account by; *awsaccount.Account is one.
type account interface {
	deployed.Stacks
	doctor.AccountBefore
	doctor.AccountAfter
	URL(stackSays string) string
	Secret(ctx context.Context, name string) (string, error)
	Keys(table string) keys.Store
	Jobs(d *deployed.Deployment) *jobs.Service
	Fleet(ctx context.Context, d *deployed.Deployment) (fleetstate.State, error)
	Documents(d *deployed.Deployment, name string) documentlist.Trigger
	RemoveKey(ctx context.Context, d *deployed.Deployment, id string) error
	RemoveJob(ctx context.Context, d *deployed.Deployment, id string) error
	RemovePayloads(ctx context.Context, d *deployed.Deployment, tenant string) error
}

var _ account = (*awsaccount.Account)(nil)

// openAWS opens the account that the environment of the process names.
func openAWS(ctx context.Context, region string) (account, error) {
	opened, err := cloud.New(ctx, region)
	if err != nil {
		return nil, err
	}
	return awsaccount.New(opened), nil
}

// deployment finds what is deployed of the environment that --env names, and
// fails unless it has what the command needs.
func (s *services) deployment(ctx context.Context, g *globals, needs ...deployed.Need) (account, *deployed.Deployment, error) {
	loaded, err := g.environment()
	if err != nil {
		return nil, nil, err
	}
	opened, err := s.open(ctx, loaded.Config.AWS.Region)
	if err != nil {
		return nil, nil, err
	}
	found, err := deployed.Find(ctx, opened, loaded.Config.Name, g.Env)
	if err != nil {
		return nil, nil, err
	}
	return opened, found, found.Need(needs...)
}
