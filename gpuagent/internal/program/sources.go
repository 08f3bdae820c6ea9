package program

import (
	"context"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/imds"
	"tandem/gpuagent/internal/instancetypes"
	"tandem/gpuagent/internal/introspection"
	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/nvml"
	"tandem/gpuagent/internal/observe"
)

// sources are what the agent sees the host by.
type sources struct {
	library *nvml.Library
	notices *imds.Client
	// identity is a client of its own: one that is asked for notices is not safe
	// for a second caller.
	identity *imds.Client
	ecs      *introspection.Client
}

func newSources(options Options) sources {
	return sources{
		library:  nvml.Host(nvml.Options{Path: options.Library}),
		notices:  imds.New(imds.Options{Endpoint: options.Metadata}),
		identity: imds.New(imds.Options{Endpoint: options.Metadata}),
		ecs:      introspection.New(introspection.Options{Endpoint: options.Introspection}),
	}
}

func (s sources) kernelLog(path string, tell observe.Events) *kmsg.Reader {
	// What was logged before belongs to this boot and is judged, too: a GPU may
	// have failed before the agent ran.
	return kmsg.New(kmsg.Options{Path: path, FromBoot: true, AnyFacility: path != "", UUID: s.library.UUID, Tell: tell})
}

// facts about the host.
func (s sources) facts(ctx context.Context) (agent.Facts, error) {
	identity, err := s.identity.Identity(ctx)
	if err != nil {
		return agent.Facts{}, err
	}
	gpus, _ := instancetypes.GPUs(identity.InstanceType)
	return agent.Facts{InstanceType: identity.InstanceType, ExpectedDevices: gpus}, nil
}

// self is the ARN of this container instance.
func (s sources) self(ctx context.Context) (string, error) {
	instance, err := s.ecs.Instance(ctx)
	return instance.ARN, err
}
