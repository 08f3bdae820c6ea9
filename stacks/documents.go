package stacks

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/documenttrigger"
	"tandem/runtime/settings"
)

// newDocuments creates the event tier: one trigger a kind of upload.
func newDocuments(stack awscdk.Stack, p *Props, d *Deployment) map[string]*documenttrigger.DocumentTrigger {
	triggers := map[string]*documenttrigger.DocumentTrigger{}
	for _, name := range sorted(p.Config.Documents) {
		triggers[name] = newDocument(stack, p, d, name)
		retier(triggers[name].Construct(), tierEvents)
	}
	return triggers
}

func newDocument(stack awscdk.Stack, p *Props, d *Deployment, name string) *documenttrigger.DocumentTrigger {
	c := p.Config.Documents[name]
	program := settings.Documents{
		State:        d.State.settings(),
		Release:      p.release(),
		Name:         name,
		ResultPrefix: c.ResultPrefix,
		Models:       p.routes(d.Services, c.Model),
		Model:        c.Model,
		Timeout:      c.Timeout.Std(),
	}
	if c.Overflow != nil {
		program.OverflowWorker = c.Overflow.Worker
		program.OverflowAlways = c.Overflow.Always
		program.OverflowAbove = c.Overflow.Above.Bytes()
		program.OverflowLongerThan = c.Overflow.LongerThan.Std()
		program.Queues = d.Workers.Workers[c.Overflow.Worker].queues(d.Workers.queueBase, c.Overflow.Worker)
	}
	program.WakeFunction = p.wakeFunction(program.Models, d)
	definition := settings.DocumentDefinition{Prompt: c.Prompt}
	if len(c.Schema) > 0 {
		definition.Schema, _ = json.Marshal(c.Schema)
	}
	trigger := documenttrigger.New(stack, "Documents"+ConstructID(name), &documenttrigger.Props{
		Settings:     program,
		Definition:   definition,
		Bundle:       p.Bundle,
		Bucket:       d.State.Data.Bucket(),
		Prefix:       c.Prefix,
		Suffixes:     c.Suffixes,
		MemoryMiB:    float64(c.Memory.MiB()),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(c.Timeout.Seconds())),
		Key:          d.State.Key,
		VPC:          d.vpcOf(program.Models),
		LogRetention: logRetention(p.Config.Observability.LogRetention),
		Tracing:      p.Config.Observability.Tracing,
	})
	role := trigger.Function().Role()
	d.State.Table.GrantJobs(role)
	d.State.Data.GrantRead(role, c.Prefix)
	d.State.Data.GrantWrite(role, c.ResultPrefix)
	p.grantRoutes(trigger.Function(), program.Models, d)
	if c.Overflow != nil {
		d.State.Data.GrantRead(role, settings.ResultPrefix+settings.DocumentsTenant+"/")
		// The job names the document; the worker reads it where it was uploaded.
		d.State.Data.GrantRead(d.Workers.Workers[c.Overflow.Worker].Tasks.TaskRole(), c.Prefix)
		d.Workers.Workers[c.Overflow.Worker].allQueues().GrantSend(role)
	}
	acceptPrefixes(role)
	return trigger
}

// documentFunctions tells the command line which function analyses which uploads.
func documentFunctions(triggers map[string]*documenttrigger.DocumentTrigger) string {
	names := map[string]string{}
	for name, trigger := range triggers {
		names[name] = *trigger.Function().Function().FunctionName()
	}
	raw, _ := json.Marshal(names) // strings alone
	return string(raw)
}
