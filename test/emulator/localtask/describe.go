package localtask

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Task is a deployed task definition.
type Task struct {
	// ARN of the task definition.
	ARN string
	// Family and Revision of it.
	Family   string
	Revision int32
	// Containers in the order in which they are listed.
	Containers []Container
}

// Container is one container of a task, with nothing left to resolve.
type Container struct {
	Name, Image string
	// Command that replaces the image's; empty keeps it.
	Command []string
	// Environment holds the variables and the values of the secrets.
	Environment map[string]string
	// Essential containers take the task down with them.
	Essential bool
	// DependsOn names the containers that start before this one and stop after it.
	DependsOn []string
	// StopTimeout is the time between SIGTERM and SIGKILL. ECS's default is 30 s.
	StopTimeout time.Duration
}

// Describe reads a task definition, by family or ARN, from the account that a
// configuration points at, and looks up its secrets.
func Describe(ctx context.Context, config aws.Config, definition string) (*Task, error) {
	output, err := ecs.NewFromConfig(config).DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(definition)})
	if err != nil {
		return nil, fmt.Errorf("describing task definition %s: %w", definition, err)
	}
	task := &Task{
		ARN:      aws.ToString(output.TaskDefinition.TaskDefinitionArn),
		Family:   aws.ToString(output.TaskDefinition.Family),
		Revision: output.TaskDefinition.Revision,
	}
	secrets := secretsmanager.NewFromConfig(config)
	for _, definition := range output.TaskDefinition.ContainerDefinitions {
		container := Container{
			Name:        aws.ToString(definition.Name),
			Image:       aws.ToString(definition.Image),
			Command:     definition.Command,
			Essential:   definition.Essential == nil || *definition.Essential,
			StopTimeout: 30 * time.Second,
			Environment: map[string]string{},
		}
		if definition.StopTimeout != nil {
			container.StopTimeout = time.Duration(*definition.StopTimeout) * time.Second
		}
		for _, dependency := range definition.DependsOn {
			container.DependsOn = append(container.DependsOn, aws.ToString(dependency.ContainerName))
		}
		for _, variable := range definition.Environment {
			container.Environment[aws.ToString(variable.Name)] = aws.ToString(variable.Value)
		}
		for _, secret := range definition.Secrets {
			value, err := secretValue(ctx, secrets, secret)
			if err != nil {
				return nil, fmt.Errorf("resolving the secrets of container %s: %w", container.Name, err)
			}
			container.Environment[aws.ToString(secret.Name)] = value
		}
		task.Containers = append(task.Containers, container)
	}
	return task, nil
}

// secretValue looks up arn:aws:secretsmanager:region:account:secret:name and what may
// follow it, :json-key:version-stage:version-id. A JSON key is not looked into.
func secretValue(ctx context.Context, client *secretsmanager.Client, secret types.Secret) (string, error) {
	id := aws.ToString(secret.ValueFrom)
	if parts := strings.Split(id, ":"); strings.HasPrefix(id, "arn:") && len(parts) > 7 {
		if parts[7] != "" {
			return "", fmt.Errorf("%s takes the key %s of a JSON secret, which is not done here", aws.ToString(secret.Name), parts[7])
		}
		id = strings.Join(parts[:7], ":")
	}
	output, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return "", fmt.Errorf("reading secret %s for %s: %w", id, aws.ToString(secret.Name), err)
	}
	return aws.ToString(output.SecretString), nil
}
