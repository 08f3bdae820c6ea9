package advise

import (
	"fmt"
	"math"
	"strings"

	"tandem/config"
)

// snippet is the configuration that deploys an alternative of Tandem's: keys
// to merge into config/<env>.yaml.
func (p *planner) snippet(a Alternative) string {
	switch {
	case a.Tier == "events":
		return p.documents() + p.provider()
	case a.ID == "lambda-api":
		return p.models() + p.provider()
	case a.ID == "fargate":
		return p.fargateWorker()
	case a.ID == "always-on":
		return p.service() + p.group(0, p.most(servedLoad))
	case a.ID == "gpu-spot":
		return p.worker() + p.group(p.most(1), max(1, p.most(1)/4))
	default:
		return p.worker() + p.group(0, p.most(1))
	}
}

func (p *planner) provider() string {
	api := p.w.ExternalAPI
	if api.Provider == "bedrock" {
		return "providers:\n  bedrock: { type: bedrock }\n"
	}
	return fmt.Sprintf("providers:\n  %s: { type: %[1]s, secret: %s }\n", api.Provider, "tandem/"+api.Provider)
}

func (p *planner) models() string {
	return fmt.Sprintf("models:\n  %s:\n    routes:\n      - { provider: %s, model: %q }\n", p.w.Name, p.w.ExternalAPI.Provider, p.w.ExternalAPI.Model)
}

func (p *planner) documents() string {
	timeout := min(config.LambdaTimeout.Seconds(), math.Ceil(max(p.api.at(0.999), 30)/30)*30)
	return p.models() + fmt.Sprintf(`documents:
  %s:
    prefix: documents/%[1]s/
    model: %[1]s
    timeout: %s
    prompt: |
      Say what the document is about. # yours

      {{.Text}}
`, p.w.Name, span(timeout))
}

// image stands for the user's own: it builds an example.
const image = "    image: { build: examples/document-analyser } # yours\n"

func (p *planner) worker() string {
	var out strings.Builder
	fmt.Fprintf(&out, "workers:\n  %s:\n%s    capacity: %s\n    timeout: %s\n", p.w.Name, image, p.groupName(), p.timeout())
	if p.w.Compute.GPUs < p.instanceGPUs() {
		fmt.Fprintf(&out, "    gpu: %d\n", p.w.Compute.GPUs)
	}
	if p.w.Compute.Slots > 1 {
		fmt.Fprintf(&out, "    concurrency: %d\n", p.w.Compute.Slots)
	}
	fmt.Fprintf(&out, "    scale:\n      maximum: %d\n", p.mostTasks())
	if within := p.w.AnswerWithin.Seconds(); within > 0 {
		fmt.Fprintf(&out, "      targetWait: %s\n", span(math.Max(60, within-p.own.p95)))
	}
	return out.String()
}

func (p *planner) fargateWorker() string {
	size, memory, _ := fargateSize(p.w.Compute.VCPUs, p.w.Compute.Memory)
	var out strings.Builder
	fmt.Fprintf(&out, "workers:\n  %s:\n%s    gpu: 0 # Fargate\n    cpu: %g\n    memory: %s\n    timeout: %s\n", p.w.Name, image, size.VCPUs, memory, p.timeout())
	if p.w.Compute.Slots > 1 {
		fmt.Fprintf(&out, "    concurrency: %d\n", p.w.Compute.Slots)
	}
	fmt.Fprintf(&out, "    scale: { maximum: %d }\n", p.mostTasks())
	return out.String()
}

func (p *planner) service() string {
	perTask := max(1, int(60/p.own.mean*float64(p.w.Compute.Slots)*servedLoad))
	var out strings.Builder
	fmt.Fprintf(&out, "models:\n  %s:\n    routes:\n      - { service: %[1]s }\n", p.w.Name)
	fmt.Fprintf(&out, "services:\n  %s:\n%s    capacity: %s\n", p.w.Name, image, p.groupName())
	if p.w.Compute.GPUs < p.instanceGPUs() {
		fmt.Fprintf(&out, "    gpu: %d\n", p.w.Compute.GPUs)
	}
	fmt.Fprintf(&out, "    coldStart: %s\n", span(math.Ceil((instanceStart+p.fetch())/60)*60*2))
	fmt.Fprintf(&out, "    scale: { minimum: 1, maximum: %d, requestsPerTask: %d }\n", max(1, p.mostTasks()), perTask)
	return out.String()
}

func (p *planner) groupName() string { return p.w.Name + "-gpu" }

func (p *planner) group(spot, onDemand int) string {
	return fmt.Sprintf("capacity:\n  groups:\n    %s:\n      instanceTypes: [%s]\n      spot: { maximum: %d }\n      onDemand: { maximum: %d }\n",
		p.groupName(), strings.Join(p.hardware.types, ", "), spot, onDemand)
}

func (p *planner) instanceGPUs() int {
	kind, _ := config.LookupInstanceType(p.hardware.types[0])
	return kind.GPUs
}

// timeout of an attempt: twice the longest that is likely, at least a minute
// and at most the 14 days that a configuration allows.
func (p *planner) timeout() string {
	longest := p.own.at(0.999)
	if p.w.Duration.Max > 0 {
		longest = p.w.Duration.Max.Seconds()
	}
	return span(min(14*day, max(60, math.Ceil(2*longest/60)*60)))
}

// mostTasks and most instances at once: the busiest hour, at the load that
// they are kept at.
func (p *planner) mostTasks() int {
	busy := p.rate() * p.w.Volume.Burst * p.own.mean / float64(p.w.Compute.Slots)
	return max(1, int(math.Ceil(busy+math.Sqrt(busy))))
}

func (p *planner) most(load float64) int {
	busy := p.rate() * p.w.Volume.Burst * p.own.mean / p.hardware.perInstance / load
	return max(1, int(math.Ceil(busy+math.Sqrt(busy))))
}
