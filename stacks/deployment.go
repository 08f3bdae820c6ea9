package stacks

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"tandem/config"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

// Props of a deployment.
type Props struct {
	// Config of the environment, checked and with all defaults.
	//
	// Required.
	Config *config.Config
	// Environment is its name, such as prod.
	//
	// Required.
	Environment string
	// Root is the project's folder: images and functions are built from it.
	//
	// Required.
	Root string
	// Bundle provides the functions' code.
	//
	// Required.
	Bundle gofunction.Bundle
	// InstanceUSD is what an instance type costs an hour in a region, on spot and
	// on-demand, for the split of the spend on the dashboard.
	//
	// Default: - the dashboard shows no such split.
	InstanceUSD func(region, instanceType string) (spot, onDemand float64)
	// Version of the worker and the agent, which they tell in logs and metrics.
	//
	// Default: development.
	Version string
}

// Deployment is every stack of one environment; a stack that nothing is
// configured for is nil.
type Deployment struct {
	Network       *Network
	State         *State
	Compute       *Compute
	Workers       *Workers
	Services      *Services
	API           *API
	Observability *Observability
}

// New creates the stacks of an environment in an app, in the order in which
// they depend on each other.
func New(app awscdk.App, props *Props) *Deployment {
	props.tag(app)
	d := &Deployment{State: newState(app, props)}
	if hasCluster(props.Config) {
		d.Network = newNetwork(app, props)
		d.Compute = newCompute(app, props, d.Network, d.State)
	}
	if len(props.Config.Workers) > 0 {
		d.Workers = newWorkers(app, props, d.Network, d.State, d.Compute)
	}
	if len(props.Config.Services) > 0 {
		d.Services = newServices(app, props, d.Network, d.Compute)
	}
	d.API = newAPI(app, props, d)
	d.Observability = newObservability(app, props, d)
	return d
}

func hasCluster(c *config.Config) bool { return len(c.Workers) > 0 || len(c.Services) > 0 }

// newStack creates a stack of this environment with its name, protection and tags.
func (p *Props) newStack(app awscdk.App, id, tier, description string) awscdk.Stack {
	c := p.Config
	environment := &awscdk.Environment{Region: &c.AWS.Region}
	if c.AWS.Account != "" {
		environment.Account = &c.AWS.Account
	}
	name := c.Name + "-" + p.Environment + "-" + lower(id)
	stack := awscdk.NewStack(app, &id, &awscdk.StackProps{
		StackName:             &name,
		Description:           &description,
		Env:                   environment,
		TerminationProtection: c.State.Protect,
	})
	retier(stack, tier)
	return stack
}

func (p *Props) release() settings.Release {
	return settings.Release{Application: p.Config.Name, Environment: p.Environment}
}

func (p *Props) path(parts ...string) string {
	return filepath.Join(append([]string{p.Root}, parts...)...)
}
