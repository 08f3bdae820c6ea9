package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/config"
	"tandem/runtime/jobs"
)

// AccountAfter is what an account is asked about a deployment.
type AccountAfter interface {
	Resources
	Queues
	Services
	Groups
	Functions
	// Finder reads the state table.
	Finder(table string) jobs.Finder
}

// API asks a deployment's API whether it is up.
type API interface {
	Health(ctx context.Context) (environment string, err error)
}

// Deployment is what the checks after a deploy look at.
type Deployment struct {
	*deployed.Deployment
	Config *config.Config
	// API is nil where the deployment has none.
	API API
	// Assembly is the folder that was synthesised, such as cdk.out.
	Assembly string
	// Now is the present.
	Now time.Time
}

// After are the checks of what is deployed.
func After(account AccountAfter, d Deployment) []Check {
	if len(d.Stacks) == 0 {
		return []Check{stackCheck{d}}
	}
	state := &state{finder: account.Finder(d.Table), deployment: d}
	made := &inventory{account: account, deployment: d}
	return []Check{
		stackCheck{d},
		leftoverCheck{d},
		apiCheck{d},
		workerCheck{account, made, state, d},
		leaseCheck{state, d},
		deadLetterCheck{account, made, d},
		wakeCheck{account, made, d},
		functionCheck{account, made, d},
	}
}

// Resources lists what a stack made.
type Resources interface {
	Resources(ctx context.Context, stack string) ([]Resource, error)
}

// Resource is one resource of a stack.
type Resource struct {
	// LogicalID in the template, which begins with the path of its construct.
	LogicalID string
	// Type, such as AWS::SQS::Queue.
	Type string
	// ID is the physical id: a name, a URL or an ARN.
	ID string
}

// inventory is what all stacks of a deployment made. Several checks need it, so
// it is listed once.
type inventory struct {
	account    Resources
	deployment Deployment

	once      sync.Once
	resources []Resource
	err       error
}

// ofType lists the resources of a type.
func (i *inventory) ofType(ctx context.Context, kind string) ([]Resource, error) {
	i.once.Do(func() {
		for _, stack := range i.deployment.Stacks {
			resources, err := i.account.Resources(ctx, stack.Name)
			if err != nil {
				i.err = fmt.Errorf("listing what stack %s made: %w", stack.Name, err)
				return
			}
			i.resources = append(i.resources, resources...)
		}
	})
	var found []Resource
	for _, resource := range i.resources {
		if resource.Type == kind && resource.ID != "" {
			found = append(found, resource)
		}
	}
	return found, i.err
}
