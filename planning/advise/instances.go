package advise

import (
	"math"
	"strings"

	"tandem/config"
	"tandem/planning/closedform"
)

// needsOwn blocks what needs to know how long the work takes on own compute.
func (p *planner) needsOwn(a *Alternative) bool {
	if p.own.empty() {
		a.block("how long it takes on own compute is not given")
		return true
	}
	return false
}

// cpuTypes are those with a price in the list, cheapest first.
var cpuTypes = []struct {
	name   string
	vcpus  float64
	memory config.Size
}{{"c7i.large", 2, 4 * config.GiB}, {"m7i.large", 2, 8 * config.GiB}, {"c7i.xlarge", 4, 8 * config.GiB}, {"m7i.xlarge", 4, 16 * config.GiB}}

// tooMany blocks more tasks than one ECS service may have.
func (p *planner) tooMany(a *Alternative) {
	if tasks := p.mostTasks(); tasks > config.ECSTasksPerService {
		a.block("the busiest hour takes %s tasks, and an ECS service has %s at most", thousands(float64(tasks)), thousands(config.ECSTasksPerService))
	}
}

// machine is the instance for the work: its price an hour, and how many tasks
// it holds. A price of 0 is blocked.
func (p *planner) machine(a *Alternative) (price, holds float64, name string) {
	if p.w.Compute.GPUs > 0 {
		if p.hardware == nil {
			a.block("%s", p.noGPU)
			return 0, 0, ""
		}
		return p.hardware.onDemand, p.hardware.perInstance, p.hardware.types[0]
	}
	for _, kind := range cpuTypes {
		if kind.vcpus < p.w.Compute.VCPUs || kind.memory < p.w.Compute.Memory {
			continue
		}
		found, err := p.table.OnDemand(p.w.Region, kind.name)
		if err != nil {
			continue
		}
		p.used[found.Source] = true
		tasks := math.Floor(min(kind.vcpus/p.w.Compute.VCPUs, float64(kind.memory)/float64(p.w.Compute.Memory)))
		return found.USD, max(1, tasks) * float64(p.w.Compute.Slots), kind.name
	}
	a.block("the price list has no instance with %g vCPUs and %s", p.w.Compute.VCPUs, p.w.Compute.Memory)
	return 0, 0, ""
}

func endsWithXlarge(name string) bool { return strings.HasSuffix(name, ".xlarge") }

// waiting before a task starts: the cold start where more than one in twenty
// meets it, else the mean in the queue; a fleet that grows has none longer than
// its cold start.
func (p *planner) waiting(w work, holds, start, idle float64) float64 {
	rate := p.rate()
	x := math.Exp(min(rate*idle, 100))
	if (1+rate*start)/(x+rate*start) > 0.05 {
		return start
	}
	return min(start, meanWait(rate, w.mean/holds, w.square/holds/holds, start, idle))
}

// disk of a GPU instance an hour: 100 GB at 500 MiB/s, the default of capacity.groups.
func (p *planner) disk() float64 {
	return (100*p.usd("ebs", "gp3") + 375*p.usd("ebs", "gp3 throughput")) / 730
}

// gpuWorker blocks what has no GPU instance.
func (p *planner) gpuWorker(a *Alternative) bool {
	if p.needsOwn(a) {
		return false
	}
	if p.w.Compute.GPUs == 0 {
		a.block("the work needs no GPU")
		return false
	}
	if p.hardware == nil {
		a.block("%s", p.noGPU)
		return false
	}
	p.tooMany(a)
	return true
}

// gpuSpot runs jobs on spot instances, and on demand while there are none.
func (p *planner) gpuSpot() Alternative {
	a := Alternative{ID: "gpu-spot", Title: "GPU spot", Tier: "jobs"}
	if !p.gpuWorker(&a) {
		return a
	}
	h, start := p.hardware, instanceStart+p.fetch()
	mean := p.interrupted(p.own.mean)
	if math.IsInf(mean, 1) || mean > 3*p.own.mean {
		a.block("interruptions would make a task of %s take %s: it needs checkpoints", span(p.own.mean), span(mean))
		return a
	}
	billed := billedSeconds(p.rate(), mean/h.perInstance, start, idleFor)
	share := *p.w.Spot.Availability
	hours := p.monthly() * billed / 3600
	a.part("spot instances", hours*share*(h.spot+p.disk()))
	a.part("on demand while spot is dry", hours*(1-share)*(h.onDemand+p.disk()))
	a.part("queue and state", p.monthly()*p.job(mean))
	a.Answer, a.coldStart = p.interrupted(p.own.p95)+p.waiting(p.own, h.perInstance, start, idleFor), start
	a.note("%s at %.3f USD an hour on spot, %.3f on demand; spot is to be had %.0f %% of the time", strings.Join(h.types, ", "), h.spot, h.onDemand, share*100)
	if mean > p.own.mean*1.001 {
		a.note("interruptions make a task %.1f %% longer", (mean/p.own.mean-1)*100)
	}
	return a
}

// interrupted is how long work takes on spot, with checkpoints where it can make them.
func (p *planner) interrupted(seconds float64) float64 {
	restart := instanceStart + p.fetch()
	if c := p.checkpoint(); c != nil && p.w.Checkpoint > 0 {
		return withCheckpoints(seconds, p.hardware.interruptions, restart, c.interval(), p.w.Checkpoint.Seconds())
	}
	return closedform.Rework(seconds, p.hardware.interruptions, restart)
}

// gpuOnDemand is the same worker without spot.
func (p *planner) gpuOnDemand() Alternative {
	a := Alternative{ID: "gpu-on-demand", Title: "GPU on demand", Tier: "jobs"}
	if !p.gpuWorker(&a) {
		return a
	}
	h, start := p.hardware, instanceStart+p.fetch()
	billed := billedSeconds(p.rate(), p.own.mean/h.perInstance, start, idleFor)
	a.part("instances", p.monthly()*billed/3600*(h.onDemand+p.disk()))
	a.part("queue and state", p.monthly()*p.job(p.own.mean))
	a.Answer, a.coldStart = p.own.p95+p.waiting(p.own, h.perInstance, start, idleFor), start
	a.note("%s at %.3f USD an hour", h.types[0], h.onDemand)
	return a
}

// alwaysOn is a service with at least one instance on demand at all times.
func (p *planner) alwaysOn() Alternative {
	a := Alternative{ID: "always-on", Title: "Always-on service", Tier: "models"}
	if !p.gpuWorker(&a) {
		return a
	}
	h := p.hardware
	instances := max(1, p.rate()*p.own.mean/h.perInstance/servedLoad)
	load := min(0.9, p.rate()*p.own.mean/(instances*h.perInstance))
	a.part("instances", instances*730*(h.onDemand+p.disk()))
	a.part("load balancer", 730*p.usd("alb", "load balancer"))
	a.part("API Gateway", p.monthly()*p.request())
	a.Answer = p.own.p95 + queueing(instances*h.perInstance, load, p.own.mean)
	if p.own.p95 > config.APIGatewayStreamTimeout.Seconds() {
		a.block("a request may stream for 15 minutes, and p95 is %s", span(p.own.p95))
	}
	a.note("%.1f %s on average, %.0f %% busy", instances, h.types[0], load*100)
	return a
}
