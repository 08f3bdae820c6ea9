package stacks

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/config"
	"tandem/constructs/gpuworker"
	"tandem/constructs/jobqueue"
	"tandem/runtime/settings"
)

// Workers is tier 2: the queues, the tasks that work them off, and the
// programs that keep both honest.
type Workers struct {
	Stack   awscdk.Stack
	Workers map[string]*Worker
	// Webhooks is the delivery queue.
	Webhooks *jobqueue.JobQueue
	Janitors *Janitors

	queueBase string
}

// Worker is one worker and its queues, by priority.
type Worker struct {
	Queues map[string]*jobqueue.JobQueue
	Tasks  *gpuworker.GPUWorker
}

func newWorkers(app awscdk.App, p *Props, network *Network, state *State, compute *Compute) *Workers {
	w := &Workers{
		Stack:   p.newStack(app, "Workers", tierJobs, "Jobs: queues, workers and the capacity controller"),
		Workers: map[string]*Worker{},
	}
	w.queueBase = queueBase(w.Stack)
	w.Webhooks = newWebhookQueue(w.Stack, state)
	for _, name := range sorted(p.Config.Workers) {
		w.Workers[name] = w.newWorker(p, name, network, state, compute)
	}
	w.Janitors = newJanitors(w, p, state, compute)
	awscdk.NewCfnOutput(w.Stack, jsii.String("Queues"), &awscdk.CfnOutputProps{
		Description: jsii.String("The queue of each worker and priority"),
		Value:       jsii.String(encoded(w.queues())),
	})
	return w
}

func (w *Workers) newWorker(p *Props, name string, network *Network, state *State, compute *Compute) *Worker {
	c := p.Config.Workers[name]
	scope := constructs.NewConstruct(w.Stack, jsii.String(ConstructID(name)))
	worker := &Worker{Queues: map[string]*jobqueue.JobQueue{}}
	for _, priority := range c.Priorities {
		worker.Queues[string(priority)] = jobqueue.New(scope, ConstructID(string(priority)), &jobqueue.Props{Key: state.Key})
	}
	worker.Tasks = gpuworker.New(scope, "Worker", p.workerProps(scope, name, worker.queues(w.queueBase, name), w, network, state, compute))
	w.grant(worker, state, c)
	return worker
}

func (p *Props) workerProps(scope constructs.Construct, name string, queues settings.Queues, w *Workers, network *Network, state *State, compute *Compute) *gpuworker.Props {
	c, resources := p.Config.Workers[name], p.Config.WorkerResources(name)
	props := &gpuworker.Props{
		Name:            name,
		Cluster:         compute.Cluster,
		VPC:             network.Network.VPC(),
		Subnets:         network.Network.Private(),
		ModelImage:      p.image(scope, "Image", c.Image),
		WorkerImage:     compute.workerImage(p),
		GPUs:            resources.GPU,
		CPU:             resources.CPUUnits,
		MemoryMiB:       resources.Memory.MiB(),
		WorkerCPU:       resources.SideCPUUnits,
		WorkerMemoryMiB: resources.SideMemory.MiB(),
		Mode:            string(c.Mode),
		Command:         c.Command,
		Port:            c.Port,
		Environment:     c.Environment,
		Secrets:         p.secrets(scope, c.Secrets),
		StopTimeout:     duration(c.StopTimeout),
		LogRetention:    logRetention(p.Config.Observability.LogRetention),
		Settings:        p.workerSettings(name, queues, w, state),
	}
	if group, found := compute.Groups[c.Capacity]; found {
		props.SpotProviderName, props.OnDemandProviderName = group.SpotProviderName(), group.OnDemandProviderName()
		if compute.Agent != nil {
			props.NodeStatusPath = nodeStatusPath
		}
	}
	if c.Weights != nil {
		props.Weights = &gpuworker.Weights{URI: c.Weights.URI, Path: c.Weights.Path}
	}
	return props
}

func (p *Props) workerSettings(name string, queues settings.Queues, w *Workers, state *State) settings.Worker {
	c := p.Config.Workers[name]
	command := ""
	if len(c.Command) > 0 {
		raw, _ := json.Marshal(c.Command)
		command = string(raw)
	}
	var priorities []string
	for _, priority := range c.Priorities {
		priorities = append(priorities, string(priority))
	}
	return settings.Worker{
		State:            state.settings(),
		Release:          p.release(),
		Name:             name,
		Queues:           queues,
		Priorities:       strings.Join(priorities, ","),
		WebhookQueueURL:  *w.Webhooks.Queue().QueueUrl(),
		Mode:             string(c.Mode),
		Endpoint:         fmt.Sprintf("http://127.0.0.1:%d", c.Port),
		Command:          command,
		Concurrency:      c.Concurrency,
		Timeout:          c.Timeout.Std(),
		StopTimeout:      c.StopTimeout.Std(),
		MaxAttempts:      c.MaxAttempts,
		MaxInterruptions: c.MaxInterruptions,
		DeployDrain:      c.DeployDrain.Std(),
		KeepJobs:         p.Config.State.KeepJobs.Std(),
		TaskProtection:   true,
	}
}

// grant lists all that a worker's task may touch.
func (w *Workers) grant(worker *Worker, state *State, c config.Worker) {
	role := worker.Tasks.TaskRole()
	state.Table.GrantJobs(role)
	state.Data.GrantRead(role, settings.InputPrefix, settings.UploadPrefix, settings.CheckpointPrefix, settings.StepPrefix)
	state.Data.GrantWrite(role, settings.ResultPrefix, settings.CheckpointPrefix, settings.StepPrefix)
	state.Data.GrantDelete(role, settings.CheckpointPrefix)
	worker.allQueues().GrantWork(role)
	w.Webhooks.GrantSend(role)
	if c.Weights != nil {
		grantWeights(role, c.Weights.URI)
	}
	acceptPrefixes(role)
}

// grantWeights allows reading below the prefix of the weights, in whoever's bucket.
func grantWeights(grantee awsiam.IGrantable, uri string) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(uri, "s3://"), "/")
	arn := "arn:" + *awscdk.Aws_PARTITION() + ":s3:::" + bucket
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("s3:GetObject"), ResourceArns: jsii.Strings(arn + "/" + prefix + "*"),
	})
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("s3:ListBucket"), ResourceArns: jsii.Strings(arn),
		Conditions: &map[string]*map[string]any{"StringLike": {"s3:prefix": prefix + "*"}},
	})
}

// allQueues of the worker, in the order of their priorities' names.
func (w *Worker) allQueues() jobqueue.Queues {
	var all jobqueue.Queues
	for _, priority := range sorted(w.Queues) {
		all = append(all, w.Queues[priority])
	}
	return all
}

// allQueues of some workers.
func (w *Workers) allQueues(names []string) jobqueue.Queues {
	var all jobqueue.Queues
	for _, name := range names {
		all = append(all, w.Workers[name].allQueues()...)
	}
	return all
}

// queues names one worker's queues as its program reads them.
func (w *Worker) queues(base, name string) settings.Queues {
	names := map[string]string{}
	for priority, queue := range w.Queues {
		names[priority] = queue.Name()
	}
	return settings.Queues{Base: base, Workers: map[string]map[string]string{name: names}}
}

// queuesOf names the queues of some workers.
func (w *Workers) queuesOf(names []string) settings.Queues {
	some := settings.Queues{Base: w.queueBase, Workers: map[string]map[string]string{}}
	for _, name := range names {
		some.Workers[name] = w.Workers[name].queues(w.queueBase, name).Workers[name]
	}
	return some
}

// queues names the queues of all workers.
func (w *Workers) queues() settings.Queues {
	all := settings.Queues{Base: w.queueBase, Workers: map[string]map[string]string{}}
	for name, worker := range w.Workers {
		all.Workers[name] = worker.queues(w.queueBase, name).Workers[name]
	}
	return all
}

func queueBase(stack awscdk.Stack) string {
	return fmt.Sprintf("https://sqs.%s.%s/%s/", *stack.Region(), *stack.UrlSuffix(), *stack.Account())
}

func encoded(queues settings.Queues) string {
	raw, _ := queues.MarshalText()
	return string(raw)
}

func (s *State) settings() settings.State { return s.names }
