package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"tandem/config"
	"tandem/constructs/documenttrigger"
	"tandem/constructs/gofunction"
	"tandem/constructs/httpapi"
	"tandem/runtime/settings"
)

// API is the door that clients see, and what starts without a client: uploads.
type API struct {
	Stack awscdk.Stack
	API   *httpapi.HTTPAPI
	Jobs  *gofunction.Function
	// Models asks models; nil where none is configured.
	Models     *gofunction.Function
	Authorizer *gofunction.Function
	Documents  map[string]*documenttrigger.DocumentTrigger
}

func newAPI(app awscdk.App, p *Props, d *Deployment) *API {
	a := &API{Stack: p.newStack(app, "Api", tierRequest, "The HTTP API, external models and document triggers")}
	c := p.Config
	if c.API.Auth.Type != config.AuthIAM {
		a.Authorizer = newAuthorizer(a.Stack, p, d.State)
	}
	a.Jobs = newJobsFunction(a.Stack, p, d)
	if len(c.Models) > 0 {
		a.Models = newModelsFunction(a.Stack, p, d)
	}
	props := &httpapi.Props{
		Description:    c.Name + " " + p.Environment,
		Routes:         a.routes(),
		Authentication: httpapi.LambdaAuthorizer,
		RateLimit:      float64(c.API.Throttle.Rate),
		BurstLimit:     float64(c.API.Throttle.Burst),
		WAF:            c.API.WAF,
		LogRetention:   logRetention(c.Observability.LogRetention),
		Tracing:        c.Observability.Tracing,
	}
	if a.Authorizer == nil {
		props.Authentication = httpapi.IAM
	} else {
		props.Authorizer = a.Authorizer.Function()
	}
	if domain := c.API.Domain; domain != nil {
		props.Domain = &httpapi.Domain{Name: domain.Name, CertificateARN: domain.CertificateARN, HostedZoneID: domain.HostedZoneID}
	}
	a.API = httpapi.New(a.Stack, "Api", props)
	a.Documents = newDocuments(a.Stack, p, d)
	if len(a.Documents) > 0 {
		awscdk.NewCfnOutput(a.Stack, jsii.String("Documents"), &awscdk.CfnOutputProps{
			Description: jsii.String("The functions that analyse uploads"),
			Value:       jsii.String(documentFunctions(a.Documents)),
		})
	}
	awscdk.NewCfnOutput(a.Stack, jsii.String("Url"), &awscdk.CfnOutputProps{
		Description: jsii.String("Where clients start"),
		Value:       jsii.String(a.API.URL()),
	})
	return a
}

// routes are those of runtime/httpapi/openapi.yaml; a test compares them.
func (a *API) routes() []httpapi.Route {
	jobs := a.Jobs.Function()
	routes := []httpapi.Route{
		{Method: "GET", Path: "/healthz", Function: jobs, Public: true},
		{Method: "GET", Path: "/openapi.yaml", Function: jobs, Public: true},
		{Method: "POST", Path: "/v1/jobs", Function: jobs},
		{Method: "GET", Path: "/v1/jobs", Function: jobs},
		{Method: "GET", Path: "/v1/jobs/{id}", Function: jobs},
		{Method: "DELETE", Path: "/v1/jobs/{id}", Function: jobs},
		{Method: "GET", Path: "/v1/jobs/{id}/events", Function: jobs, Stream: true},
		{Method: "POST", Path: "/v1/uploads", Function: jobs},
		{Method: "POST", Path: "/v1/redrives", Function: jobs},
	}
	if a.Models == nil {
		return routes
	}
	models := a.Models.Function()
	return append(routes,
		httpapi.Route{Method: "POST", Path: "/v1/chat/completions", Function: models, Stream: true},
		// Embedding many texts takes longer than the 29 s of an answer that is not streamed.
		httpapi.Route{Method: "POST", Path: "/v1/embeddings", Function: models, Stream: true},
		httpapi.Route{Method: "GET", Path: "/v1/models", Function: models},
		httpapi.Route{Method: "GET", Path: "/v1/models/{model}", Function: models},
	)
}

// streamTimeout is as long as a streamed answer may take, both for API Gateway
// and for Lambda: 15 minutes
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, 2026-11-24).
const streamTimeout = 15

func newJobsFunction(stack awscdk.Stack, p *Props, d *Deployment) *gofunction.Function {
	c := p.Config
	program := settings.JobsAPI{
		State:       d.State.settings(),
		Release:     p.release(),
		Auth:        string(c.API.Auth.Type),
		TenantRate:  c.API.TenantRate.Rate,
		TenantBurst: c.API.TenantRate.Burst,
		Timeout:     c.API.Timeout.Std(),
		KeepJobs:    c.State.KeepJobs.Std(),
	}
	if d.Workers != nil {
		program.Queues = d.Workers.queues()
		program.WebhookQueueURL = *d.Workers.Webhooks.Queue().QueueUrl()
		program.CapacityFunction = *d.Workers.Janitors.Controller.Function().Function().FunctionName()
	}
	function := gofunction.New(stack, "Jobs", &gofunction.Props{
		Program:      "jobsapi",
		Description:  "Submits, shows, lists and cancels jobs",
		Settings:     program,
		Bundle:       p.Bundle,
		MemoryMiB:    float64(c.API.Memory.MiB()),
		Timeout:      awscdk.Duration_Minutes(jsii.Number(streamTimeout)),
		LogRetention: logRetention(c.Observability.LogRetention),
		Tracing:      c.Observability.Tracing,
	})
	role := function.Role()
	d.State.Table.GrantJobs(role)
	// The links that the function signs can do what its role can, and no more.
	d.State.Data.GrantRead(role, settings.UploadPrefix, settings.InputPrefix, settings.ResultPrefix)
	d.State.Data.GrantWrite(role, settings.UploadPrefix, settings.InputPrefix)
	if d.Workers != nil {
		append(d.Workers.allQueues(sorted(d.Workers.Workers)), d.Workers.Webhooks).GrantSend(role)
		d.Workers.Janitors.Controller.Function().GrantInvoke(role)
	}
	acceptPrefixes(role)
	retier(function.Construct(), tierJobs)
	return function
}

func newAuthorizer(stack awscdk.Stack, p *Props, state *State) *gofunction.Function {
	program := settings.Authorizer{Table: state.settings().Table}
	if jwt := p.Config.API.Auth.JWT; jwt != nil {
		program.JWTIssuer, program.JWTAudience, program.JWTTenantClaim = jwt.Issuer, jwt.Audience, jwt.TenantClaim
	}
	function := gofunction.New(stack, "Authorizer", &gofunction.Props{
		Program:      "authorizer",
		Description:  "Tells whose key or token a request carries and what it may do",
		Settings:     program,
		Bundle:       p.Bundle,
		Timeout:      awscdk.Duration_Seconds(jsii.Number(10)),
		LogRetention: logRetention(p.Config.Observability.LogRetention),
		Tracing:      p.Config.Observability.Tracing,
	})
	state.Table.GrantKeys(function.Role())
	return function
}
