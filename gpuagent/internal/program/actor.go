package program

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/act/awscloud"
	"tandem/gpuagent/internal/act/dynamoplaces"
	"tandem/runtime/settings"
)

// ownTask tells that the agent runs as an ECS task; ECS sets it in each container
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html, 2026-11-24).
const ownTask = "ECS_CONTAINER_METADATA_URI_V4="

// newActor builds what the mode asks for. An agent that observes needs no rights
// and builds no client.
func newActor(program settings.Agent, options Options, from sources, memory act.Memory, log *slog.Logger) (*act.Actor, error) {
	actor := act.Options{Mode: program.Mode, Memory: memory, Jitter: rand.Float64, Log: log}
	switch program.Mode {
	case act.Observe:
		return act.New(actor), nil
	case act.Protect:
	default:
		return nil, fmt.Errorf("reading the mode: it is %s or %s, not %q", act.Observe, act.Protect, program.Mode)
	}
	if program.Cluster == "" {
		return nil, fmt.Errorf("mode %s drains container instances: set the cluster's name, or use mode %s", act.Protect, act.Observe)
	}
	cloud, err := awscloud.Config(options.Environ)
	if err != nil {
		return nil, err
	}
	actor.Cluster = &awscloud.Cluster{Client: ecs.NewFromConfig(cloud), Name: program.Cluster, Self: from.self}
	actor.Group = awscloud.Group{Client: autoscaling.NewFromConfig(cloud)}
	if program.Table != "" {
		places := dynamoplaces.New(dynamoplaces.Options{Client: dynamodb.NewFromConfig(cloud), Table: program.Table, Cluster: program.Cluster})
		actor.Places, actor.Spare = places, places
	}
	if slices.ContainsFunc(options.Environ, func(each string) bool { return strings.HasPrefix(each, ownTask) }) {
		actor.OwnTasks = 1
	}
	return act.New(actor), nil
}
