package stacks

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/config"
	"tandem/constructs/gofunction"
	"tandem/constructs/gpucapacity"
	"tandem/constructs/healthagent"
	"tandem/runtime/settings"
)

// ownAgent is the folder of this project's own agent, which is built from the module's root.
const ownAgent = "gpuagent"

// nodeStatusPath is where the health agent writes and workers read, on each GPU instance.
const nodeStatusPath = "/var/lib/tandem/node"

// Compute is the cluster, its GPU instances and the agent that watches them.
type Compute struct {
	Stack   awscdk.Stack
	Cluster awsecs.Cluster
	// Groups by name; empty where every worker runs on Fargate.
	Groups map[string]*gpucapacity.GPUCapacity
	// Agent is nil where it is turned off or no GPU instance can exist.
	Agent *healthagent.HealthAgent

	worker awsecs.ContainerImage
}

func newCompute(app awscdk.App, p *Props, network *Network, state *State) *Compute {
	c := &Compute{
		Stack:  p.newStack(app, "Compute", tierShared, "The cluster, its GPU instances and the agent that watches them"),
		Groups: map[string]*gpucapacity.GPUCapacity{},
	}
	c.Cluster = awsecs.NewCluster(c.Stack, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                            network.Network.VPC(),
		ContainerInsightsV2:            awsecs.ContainerInsights_ENABLED,
		EnableFargateCapacityProviders: jsii.Bool(usesFargate(p.Config)),
	})
	used := usedGroups(p.Config)
	if len(used) > 0 {
		empty := newEmptyFunction(c.Stack, p)
		for _, name := range used {
			c.Groups[name] = gpucapacity.New(c.Stack, ConstructID(name), p.capacityProps(name, c.Cluster, network, empty))
		}
		if isTrue(p.Config.Agent.Enabled) {
			c.Agent = newAgent(c, p, state)
		}
	}
	awscdk.NewCfnOutput(c.Stack, jsii.String("ClusterName"), &awscdk.CfnOutputProps{
		Description: jsii.String("The ECS cluster"),
		Value:       c.Cluster.ClusterName(),
	})
	return c
}

func (p *Props) capacityProps(name string, cluster awsecs.Cluster, network *Network, empty *gofunction.Function) *gpucapacity.Props {
	group := p.Config.Capacity.Groups[name]
	return &gpucapacity.Props{
		Cluster:         cluster,
		VPC:             network.Network.VPC(),
		Subnets:         network.Network.Private(),
		InstanceTypes:   group.InstanceTypes,
		GPUs:            p.Config.GroupGPUs(name),
		SpotMaximum:     number(group.Spot.Maximum),
		OnDemandMaximum: number(group.OnDemand.Maximum),
		Reservations:    group.Reservations,
		VolumeGiB:       group.Volume.GiB(),
		ThroughputMiB:   group.Throughput,
		PrePull:         group.PrePull,
		EmptyFunction:   empty.Function(),
		NodeStatusPath:  nodeStatusPath,
	}
}

// newEmptyFunction is what a group's custom resource calls on delete: without
// it, CloudFormation waits for instances that ECS protects, and gives up.
func newEmptyFunction(stack awscdk.Stack, p *Props) *gofunction.Function {
	return gofunction.New(stack, "EmptyGroups", &gofunction.Props{
		Program:      "emptygroups",
		Description:  "Empties Auto Scaling groups before they are deleted",
		Settings:     settings.EmptyGroups{},
		Bundle:       p.Bundle,
		Timeout:      awscdk.Duration_Minutes(jsii.Number(15)),
		LogRetention: logRetention(p.Config.Observability.LogRetention),
	})
}

func newAgent(c *Compute, p *Props, state *State) *healthagent.HealthAgent {
	agent := p.Config.Agent
	program := settings.Agent{
		Mode:    string(agent.Mode),
		Cluster: *c.Cluster.ClusterName(),
		Table:   *state.Table.Table().TableName(),
	}
	if len(agent.XIDs) > 0 {
		raw, _ := json.Marshal(agent.XIDs)
		program.XIDs = string(raw)
	}
	image := p.image
	if agent.Image.Build == ownAgent {
		image = func(scope constructs.Construct, id string, _ config.Image) awsecs.ContainerImage {
			return p.ownImage(scope, id, ownAgent+"/Dockerfile")
		}
	}
	var groups []awsautoscaling.IAutoScalingGroup
	for _, name := range sorted(c.Groups) {
		groups = append(groups, c.Groups[name].Groups()...)
	}
	construct := healthagent.New(c.Stack, "HealthAgent", &healthagent.Props{
		Cluster:        c.Cluster,
		Image:          image(c.Stack, "AgentImage", agent.Image),
		Groups:         groups,
		Settings:       program,
		NodeStatusPath: nodeStatusPath,
		LogRetention:   logRetention(p.Config.Observability.LogRetention),
	})
	state.Table.GrantSemaphore(construct.TaskRole(), settings.AgentPartition(program.Cluster))
	return construct
}

// usedGroups are the groups that a worker or service runs on; a group that
// nothing uses would only wait to be filled by mistake.
func usedGroups(c *config.Config) []string {
	used := map[string]bool{}
	for _, worker := range c.Workers {
		if worker.Capacity != "" && number(worker.GPU) > 0 {
			used[worker.Capacity] = true
		}
	}
	for _, service := range c.Services {
		used[service.Capacity] = true
	}
	return sorted(used)
}

func usesFargate(c *config.Config) bool {
	for _, worker := range c.Workers {
		if number(worker.GPU) == 0 {
			return true
		}
	}
	return false
}
