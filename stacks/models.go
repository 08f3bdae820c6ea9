package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

// newModelsFunction creates the function that asks models, outside and own.
func newModelsFunction(stack awscdk.Stack, p *Props, d *Deployment) *gofunction.Function {
	c := p.Config
	program := settings.ModelsAPI{
		State: d.State.settings(), Release: p.release(), Models: p.routes(d.Services, sorted(c.Models)...),
		Auth: string(c.API.Auth.Type), TenantRate: c.API.TenantRate.Rate, TenantBurst: c.API.TenantRate.Burst,
		Timeout: c.API.Timeout.Std(), KeepJobs: c.State.KeepJobs.Std(),
	}
	program.WakeFunction = p.wakeFunction(program.Models, d)
	overflows := p.overflows()
	if len(overflows) > 0 {
		program.Queues = d.Workers.queuesOf(overflows)
		program.CapacityFunction = *d.Workers.Janitors.Controller.Function().Function().FunctionName()
	}
	function := gofunction.New(stack, "Models", &gofunction.Props{
		Program: "modelsapi", Description: "Asks models, or hands over to workers what takes too long",
		Settings: program, Bundle: p.Bundle, MemoryMiB: float64(c.API.Memory.MiB()), VPC: d.vpcOf(program.Models),
		Timeout:      awscdk.Duration_Minutes(jsii.Number(streamTimeout)),
		LogRetention: logRetention(c.Observability.LogRetention), Tracing: c.Observability.Tracing,
	})
	role := function.Role()
	p.grantRoutes(function, program.Models, d)
	// Jobs, and what tenants have spent.
	d.State.Table.GrantJobs(role)
	if len(overflows) > 0 {
		d.State.Data.GrantRead(role, settings.UploadPrefix, settings.InputPrefix)
		d.State.Data.GrantWrite(role, settings.UploadPrefix, settings.InputPrefix)
		d.Workers.allQueues(overflows).GrantSend(role)
		d.Workers.Janitors.Controller.Function().GrantInvoke(role)
	}
	acceptPrefixes(role)
	return function
}

// overflows are the workers that take over from models, in order.
func (p *Props) overflows() []string {
	names := map[string]bool{}
	for _, model := range p.Config.Models {
		if model.Overflow != "" {
			names[model.Overflow] = true
		}
	}
	return sorted(names)
}

// vpcOf is the network that a function joins in order to reach own services; nil
// where it asks none: joining costs a longer cold start and a way out.
func (d *Deployment) vpcOf(routes settings.Routes) awsec2.IVpc {
	if len(servicesOf(routes)) == 0 {
		return nil
	}
	return d.Network.Network.VPC()
}

func servicesOf(routes settings.Routes) []string {
	names := map[string]bool{}
	for _, model := range routes {
		for _, route := range model.Routes {
			if route.Type == "service" {
				names[route.Name] = true
			}
		}
	}
	return sorted(names)
}

// grantRoutes lets a function ask where its routes lead, and nowhere else.
func (p *Props) grantRoutes(function *gofunction.Function, routes settings.Routes, d *Deployment) {
	for _, secret := range providerSecrets(routes) {
		grantSecret(function.Construct(), function.Role(), secret)
	}
	for _, service := range servicesOf(routes) {
		d.Services.Services[service].AllowFrom(function)
	}
	if p.anySleeps(routes) {
		d.Services.Waker.GrantInvoke(function.Role())
	}
	stack := awscdk.Stack_Of(function.Construct())
	if resources := bedrockModels(stack, routes); len(resources) > 0 {
		awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
			Grantee: function.Role(), ResourceArns: &resources,
			// Converse and ConverseStream ask for the same two.
			Actions: jsii.Strings("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"),
		})
		accepted.OnPolicies(function.Role(), accepted.Finding{Rule: "AwsSolutions-IAM5",
			Reason: "A cross-region inference profile asks the model in whichever region has room; the model itself is named."})
	}
}
