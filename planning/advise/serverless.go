package advise

import (
	"math"

	"tandem/config"
)

// lambdaAPI is a function that calls an external API: paid by token.
func (p *planner) lambdaAPI() Alternative {
	a := Alternative{ID: "lambda-api", Title: "Lambda + external API", Tier: "request"}
	if p.w.Trigger == OnUpload {
		a.Tier = "events"
	}
	api := p.w.ExternalAPI
	if api == nil {
		a.block("no external API can do the work")
		return a
	}
	const memory = 0.5
	n := p.monthly()
	a.part("tokens", n*(api.InputTokens*p.tokens.Input+api.OutputTokens*p.tokens.Output)/1e6)
	a.part("Lambda", n*(p.usd("lambda", "requests")+p.api.mean*memory*p.usd("lambda", "arm duration")))
	a.part("API Gateway", n*p.request())
	a.Answer = p.api.p95 + functionStart*p.cold()
	if share := p.api.above(config.LambdaTimeout.Seconds()); share > tolerated {
		a.block("the API takes longer than Lambda's 15 minutes for %s of tasks", percent(share))
	}
	return a
}

// lambdaCPU is the work itself in a function.
func (p *planner) lambdaCPU() Alternative {
	a := Alternative{ID: "lambda-cpu", Title: "Lambda CPU"}
	if p.needsOwn(&a) {
		return a
	}
	if p.w.Compute.GPUs > 0 {
		a.block("Lambda has no GPUs")
		return a
	}
	memory := max(float64(p.w.Compute.Memory)/float64(config.MiB), p.w.Compute.VCPUs*lambdaVCPU)
	limit := float64(config.LambdaMemory) / float64(config.MiB)
	if memory > limit {
		a.block("it needs %.0f MB, and Lambda ends at %.0f (6 vCPUs)", memory, limit)
		memory = limit
	}
	if share := p.own.above(config.LambdaTimeout.Seconds()); share > tolerated {
		a.block("%s of tasks run past Lambda's 15 minutes", percent(share))
	}
	if p.w.Compute.Weights > config.LambdaStorage {
		a.block("the model has %s, and /tmp ends at 10,240 MB", p.w.Compute.Weights)
	}
	n := p.monthly()
	a.part("Lambda", n*(p.usd("lambda", "requests")+p.own.mean*memory/1024*p.usd("lambda", "x86 duration")))
	a.part("API Gateway", n*p.request())
	a.Answer = p.own.p95 + (functionStart+p.fetch())*p.cold()
	a.note("%.0f MB, of which %g vCPUs", memory, math.Round(memory/lambdaVCPU*10)/10)
	return a
}

// cold is 1 where more than one call in twenty meets a cold start: functions
// are taken to stay warm for ten minutes.
func (p *planner) cold() float64 {
	if math.Exp(-p.rate()*600) > 0.05 {
		return 1
	}
	return 0
}

// managedInstances is Lambda on EC2 instances that Lambda runs.
func (p *planner) managedInstances() Alternative {
	a := Alternative{ID: "lambda-managed-instances", Title: "Lambda Managed Instances"}
	if p.w.Compute.GPUs > 0 {
		a.Title += " with GPU"
	}
	if p.needsOwn(&a) {
		return a
	}
	price, holds, name := p.machine(&a)
	if price == 0 {
		return a
	}
	if share := p.own.above(config.LambdaTimeout.Seconds()); share > tolerated {
		a.block("%s of tasks run past Lambda's 15 minutes", percent(share))
	}
	instances := max(managedInstances, p.rate()*p.own.mean/holds/servedLoad)
	a.part("instances", instances*730*price)
	a.part("surcharge of 15 %", instances*730*price*p.usd("lambda", "managed instances"))
	a.part("requests", p.monthly()*(p.usd("lambda", "requests")+p.request()))
	a.Answer = p.own.p95
	a.note("%.1f %s on average: three at least, for availability", instances, name)
	if p.w.Compute.GPUs > 0 {
		a.note("AWS's documentation names no GPU types for it: check before relying on it")
	}
	return a
}

// sagemaker is an asynchronous endpoint that scales to zero.
func (p *planner) sagemaker() Alternative {
	a := Alternative{ID: "sagemaker-async", Title: "SageMaker asynchronous inference"}
	if p.needsOwn(&a) {
		return a
	}
	price, holds, name := p.machine(&a)
	if price == 0 {
		return a
	}
	factor := "hosting larger"
	if endsWithXlarge(name) {
		factor = "hosting xlarge"
	}
	if share := p.own.above(sagemakerTimeout); share > tolerated {
		a.block("%s of tasks run past an invocation's hour", percent(share))
	}
	start := sagemakerStart + p.fetch()
	billed := billedSeconds(p.rate(), p.own.mean/holds, start, 2*idleFor)
	price *= p.usd("sagemaker", factor)
	a.part("instances", p.monthly()*billed/3600*price)
	a.part("requests", p.monthly()*p.request())
	a.Answer, a.coldStart = p.own.p95+p.waiting(p.own, holds, start, 2*idleFor), start
	a.note("ml.%s at %.3f USD an hour", name, price)
	return a
}

// fargate is a worker without GPUs.
func (p *planner) fargate() Alternative {
	a := Alternative{ID: "fargate", Title: "Fargate", Tier: "jobs"}
	if p.needsOwn(&a) {
		return a
	}
	if p.w.Compute.GPUs > 0 {
		a.block("Fargate has no GPUs")
		return a
	}
	p.tooMany(&a)
	size, memory, found := fargateSize(p.w.Compute.VCPUs, p.w.Compute.Memory)
	if !found {
		a.block("no size of Fargate has %g vCPUs with %s", p.w.Compute.VCPUs, p.w.Compute.Memory)
		return a
	}
	hour := size.VCPUs*p.usd("fargate", "vcpu x86") + float64(memory)/float64(config.GiB)*p.usd("fargate", "memory x86")
	slots, start := float64(p.w.Compute.Slots), fargateStart+p.fetch()
	billed := billedSeconds(p.rate(), p.own.mean/slots, start, idleFor)
	a.part("tasks", p.monthly()*billed/3600*hour)
	a.part("queue and state", p.monthly()*p.job(p.own.mean))
	a.Answer, a.coldStart = p.own.p95+p.waiting(p.own, slots, start, idleFor), start
	a.note("%g vCPU with %s", size.VCPUs, memory)
	return a
}

// fargateSize is the smallest size that holds so much.
func fargateSize(vcpus float64, memory config.Size) (config.FargateSize, config.Size, bool) {
	for _, size := range config.FargateSizes() {
		if size.VCPUs < vcpus || size.Most < memory {
			continue
		}
		for fits := max(size.Least, roundUp(memory, config.GiB/2)); fits <= size.Most; fits += config.GiB / 2 {
			if size.Holds(fits) {
				return size, fits, true
			}
		}
	}
	return config.FargateSize{}, 0, false
}

func roundUp(size, step config.Size) config.Size { return (size + step - 1) / step * step }
