package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"tandem/test/emulator"
	"tandem/test/emulator/assembly"
)

// Deployed is what is on the emulator after a deployment.
type Deployed struct {
	// Resources of all stacks, in the order of the stacks.
	Resources []Resource

	emulator *emulator.Emulator
}

// Resource is one deployed resource.
type Resource struct {
	// Stack by its id.
	Stack string
	// LogicalID in the template, and Path of the construct below the stack.
	LogicalID, Path string
	// Type, such as AWS::SQS::Queue.
	Type string
	// ID is the physical id: a name, a URL or an ARN, as Ref gives it.
	ID string
}

// read adds a stack's resources, and fails unless they are those of the template.
func (d *Deployed) read(ctx context.Context, stack *assembly.Stack) error {
	client := cloudformation.NewFromConfig(d.emulator.Config())
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: aws.String(stack.Name)})
	count := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the resources of stack %s: %w", stack.ID, err)
		}
		for _, resource := range page.StackResourceSummaries {
			logicalID := aws.ToString(resource.LogicalResourceId)
			d.Resources = append(d.Resources, Resource{
				Stack: stack.ID, LogicalID: logicalID, Path: stack.Path(logicalID),
				Type: aws.ToString(resource.ResourceType), ID: aws.ToString(resource.PhysicalResourceId),
			})
			count++
		}
	}
	if want := len(stack.Resources()); count != want {
		return fmt.Errorf("stack %s has %d resources on the emulator, its template has %d", stack.ID, count, want)
	}
	return nil
}

// OfType returns the resources of a type, such as AWS::SQS::Queue.
func (d *Deployed) OfType(name string) []Resource {
	var found []Resource
	for _, resource := range d.Resources {
		if resource.Type == name {
			found = append(found, resource)
		}
	}
	return found
}

// Find returns the one resource of a type whose construct path contains a text.
func (d *Deployed) Find(name, path string) (Resource, error) {
	var found []Resource
	for _, resource := range d.OfType(name) {
		if strings.Contains(resource.Path, path) {
			found = append(found, resource)
		}
	}
	if len(found) != 1 {
		return Resource{}, fmt.Errorf("finding the %s with %q in its path: there are %d", name, path, len(found))
	}
	return found[0], nil
}

// API returns the base URL of the one REST API, with its stage and without a slash at the end.
func (d *Deployed) API() (string, error) {
	apis, stages := d.OfType("AWS::ApiGateway::RestApi"), d.OfType("AWS::ApiGateway::Stage")
	if len(apis) != 1 || len(stages) != 1 {
		return "", fmt.Errorf("finding the REST API: there are %d APIs and %d stages", len(apis), len(stages))
	}
	return fmt.Sprintf("%s/restapis/%s/%s/_user_request_", d.emulator.Endpoint(), apis[0].ID, stages[0].ID), nil
}
