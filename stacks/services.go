package stacks

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/gofunction"
	"tandem/constructs/modelservice"
)

// Services is tier 3: own models behind internal load balancers.
type Services struct {
	Stack    awscdk.Stack
	Services map[string]*modelservice.ModelService
	// Waker wakes those that sleep; nil where none does.
	Waker *gofunction.Function
}

func newServices(app awscdk.App, p *Props, network *Network, compute *Compute) *Services {
	s := &Services{
		Stack:    p.newStack(app, "Services", tierModels, "Own models, served all day"),
		Services: map[string]*modelservice.ModelService{},
	}
	for _, name := range sorted(p.Config.Services) {
		scope := constructs.NewConstruct(s.Stack, jsii.String(ConstructID(name)))
		s.Services[name] = modelservice.New(scope, "Service", p.serviceProps(scope, name, network, compute))
		if weights := p.Config.Services[name].Weights; weights != nil {
			grantWeights(s.Services[name].TaskRole(), weights.URI)
			acceptPrefixes(s.Services[name].TaskRole())
		}
	}
	s.Waker = newWaker(s, p, compute)
	return s
}

func (p *Props) serviceProps(scope constructs.Construct, name string, network *Network, compute *Compute) *modelservice.Props {
	c, resources := p.Config.Services[name], p.Config.ServiceResources(name)
	props := &modelservice.Props{
		Cluster:              compute.Cluster,
		VPC:                  network.Network.VPC(),
		Subnets:              network.Network.Private(),
		Name:                 name,
		Image:                p.image(scope, "Image", c.Image),
		GPUs:                 resources.GPU,
		CPU:                  resources.CPUUnits,
		MemoryMiB:            resources.Memory.MiB(),
		Command:              c.Command,
		Port:                 c.Port,
		HealthPath:           c.HealthPath,
		Environment:          c.Environment,
		Secrets:              p.secrets(scope, c.Secrets),
		SpotProviderName:     compute.Groups[c.Capacity].SpotProviderName(),
		OnDemandProviderName: compute.Groups[c.Capacity].OnDemandProviderName(),
		OnDemandBase:         number(c.Scale.OnDemandBase),
		Minimum:              number(c.Scale.Minimum),
		Maximum:              c.Scale.Maximum,
		RequestsPerTask:      c.Scale.RequestsPerTask,
		ColdStart:            duration(c.ColdStart),
		DeletionProtection:   isTrue(p.Config.State.Protect),
		LogRetention:         logRetention(p.Config.Observability.LogRetention),
	}
	if c.Weights != nil {
		props.Weights = &modelservice.Weights{URI: c.Weights.URI, Path: c.Weights.Path}
	}
	if c.WarmUp != nil {
		body, _ := json.Marshal(c.WarmUp.Request(c.Model)) // what YAML holds
		props.WarmUp = &modelservice.WarmUp{Path: c.WarmUp.Path, Body: string(body), Timeout: duration(c.WarmUp.Timeout)}
	}
	if props.Weights != nil || props.WarmUp != nil {
		props.WorkerImage = compute.workerImage(p)
	}
	return props
}

// workerImage is the one image of the worker, built from the module's root. It
// also fetches weights for services, and warms them up.
func (c *Compute) workerImage(p *Props) awsecs.ContainerImage {
	if c.worker == nil {
		c.worker = p.ownImage(c.Stack, "WorkerImage", "runtime/worker/Dockerfile")
	}
	return c.worker
}
