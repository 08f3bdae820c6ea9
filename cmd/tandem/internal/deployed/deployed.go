// Package deployed finds a deployment: by its name and environment, in the
// outputs of its stacks, so that no other tool has to remember names. How
// stacks are listed is left to package cloud.
package deployed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/settings"
)

// Stack is one CloudFormation stack.
type Stack struct {
	Name string
	// Status as CloudFormation has it, such as UPDATE_COMPLETE.
	Status string
	// Reason of the status, where CloudFormation gives one.
	Reason string
	// Updated is when it was created or last updated.
	Updated time.Time
	Outputs map[string]string
}

// Stacks lists stacks.
type Stacks interface {
	// Stacks returns those whose name begins with a prefix.
	Stacks(ctx context.Context, prefix string) ([]Stack, error)
}

// Deployment is what is deployed of one environment. What was not deployed is empty.
type Deployment struct {
	// Application and Environment are its name.
	Application, Environment string
	// Stacks by name.
	Stacks []Stack
	// URL where the API begins.
	URL string
	// Table is the name of the state table.
	Table string
	// Bucket is the name of the data bucket.
	Bucket string
	// WebhookSecret is the ARN of the secret that webhook signing keys are derived from.
	WebhookSecret string
	// Cluster is the name of the ECS cluster.
	Cluster string
	// Queues of the workers.
	Queues settings.Queues
	// Documents are the functions of the document triggers, by the trigger's name.
	Documents map[string]string
}

// Outputs by which stacks tell what they hold.
const (
	outputURL           = "Url"
	outputTable         = "StateTableName"
	outputBucket        = "DataBucketName"
	outputWebhookSecret = "WebhookSecretArn"
	outputCluster       = "ClusterName"
	outputQueues        = "Queues"
	outputDocuments     = "Documents"
)

// Prefix of the names of an environment's stacks.
func Prefix(application, environment string) string { return application + "-" + environment + "-" }

// Find looks for a deployment. One of which no stack exists has none; see [Deployment.Need].
func Find(ctx context.Context, stacks Stacks, application, environment string) (*Deployment, error) {
	prefix := Prefix(application, environment)
	found, err := stacks.Stacks(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("looking for the stacks of %s: %w", strings.TrimSuffix(prefix, "-"), err)
	}
	// The stacks of an environment dev-2 are none of dev's: our own have one word after the prefix.
	found = slices.DeleteFunc(found, func(stack Stack) bool { return strings.Contains(strings.TrimPrefix(stack.Name, prefix), "-") })
	slices.SortFunc(found, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	d := &Deployment{Application: application, Environment: environment, Stacks: found}
	for output, to := range map[string]*string{
		outputURL: &d.URL, outputTable: &d.Table, outputBucket: &d.Bucket,
		outputWebhookSecret: &d.WebhookSecret, outputCluster: &d.Cluster,
	} {
		*to = d.output(output)
	}
	if raw := d.output(outputQueues); raw != "" {
		if err := d.Queues.UnmarshalText([]byte(raw)); err != nil {
			return nil, fmt.Errorf("in the output %s of the stacks of %s: %w", outputQueues, strings.TrimSuffix(prefix, "-"), err)
		}
	}
	if raw := d.output(outputDocuments); raw != "" {
		if err := json.Unmarshal([]byte(raw), &d.Documents); err != nil {
			return nil, fmt.Errorf("in the output %s of the stacks of %s: %w", outputDocuments, strings.TrimSuffix(prefix, "-"), err)
		}
	}
	return d, nil
}

func (d *Deployment) output(name string) string {
	for _, stack := range d.Stacks {
		if value := stack.Outputs[name]; value != "" {
			return value
		}
	}
	return ""
}

// Stack returns one by the last word of its name, such as workers.
func (d *Deployment) Stack(word string) (Stack, bool) {
	name := Prefix(d.Application, d.Environment) + word
	for _, stack := range d.Stacks {
		if stack.Name == name {
			return stack, true
		}
	}
	return Stack{}, false
}

// Need is something of a deployment that a command cannot do without.
type Need string

// What can be needed.
const (
	NeedAPI   Need = "API"
	NeedState Need = "state table"
	NeedQueue Need = "queues"
)

// Need fails unless the deployment has all that is named.
func (d *Deployment) Need(needs ...Need) error {
	name := d.Application + " " + d.Environment
	if len(d.Stacks) == 0 {
		return exit.With(exit.NotFound, fmt.Errorf("%s is not deployed in this account and region: 'make deploy ENV=%s' deploys it", name, d.Environment))
	}
	has := map[Need]bool{NeedAPI: d.URL != "", NeedState: d.Table != "" && d.Bucket != "", NeedQueue: len(d.Queues.Workers) > 0}
	for _, need := range needs {
		if !has[need] {
			return exit.With(exit.NotFound, fmt.Errorf("the deployment of %s has no %s: 'make deploy ENV=%s' may not have finished; 'tandem doctor --env %s' tells",
				name, need, d.Environment, d.Environment))
		}
	}
	return nil
}
