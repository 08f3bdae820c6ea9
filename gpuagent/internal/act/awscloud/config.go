package awscloud

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

// taskCredentials is where ECS hands out a task role's credentials
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html, 2026-11-24).
const taskCredentials = "http://169.254.170.2"

// Config is what clients of AWS need on a host: the region, and the credentials of
// a task role, an instance role or the environment. The SDK's own way of finding
// them knows many more, single sign-on and profiles among them, and weighs two of
// the twenty megabytes that the agent may hold.
func Config(environ []string) (aws.Config, error) {
	variables := map[string]string{}
	for _, each := range environ {
		name, value, _ := strings.Cut(each, "=")
		variables[name] = value
	}
	config := aws.Config{Region: variables["AWS_REGION"]}
	if config.Region == "" {
		config.Region = variables["AWS_DEFAULT_REGION"]
	}
	if config.Region == "" {
		return config, errors.New("finding the AWS region: set AWS_REGION")
	}
	if endpoint := variables["AWS_ENDPOINT_URL"]; endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	provider, err := provider(variables)
	if err != nil {
		return config, err
	}
	config.Credentials = aws.NewCredentialsCache(provider)
	return config, nil
}

func provider(variables map[string]string) (aws.CredentialsProvider, error) {
	relative, full := variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
	switch key, secret := variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]; {
	case key != "" && secret != "":
		return credentials.NewStaticCredentialsProvider(key, secret, variables["AWS_SESSION_TOKEN"]), nil
	case key != "" || secret != "":
		return nil, errors.New("finding AWS credentials: only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set")
	case strings.HasPrefix(relative, "/"):
		return endpointcreds.New(taskCredentials + relative), nil
	case relative != "":
		return nil, fmt.Errorf("finding AWS credentials: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is %q, which is no path", relative)
	case full != "":
		return endpointcreds.New(full, func(o *endpointcreds.Options) {
			o.AuthorizationToken = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
		}), nil
	default:
		return ec2rolecreds.New(), nil
	}
}
