package advise

import (
	"fmt"
	"math"

	"tandem/config"
)

// Limit is one limit of AWS and how the workload meets it.
type Limit struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Concerns names the alternatives that it bears on.
	Concerns string `json:"concerns"`
	// Hit is whether any task does.
	Hit bool `json:"hit"`
	// Percentile from which on tasks hit it, 0 to 100; 0 where every one does or none.
	Percentile float64 `json:"percentile,omitempty"`
	// Words on how, and what to do.
	Words string `json:"words"`
}

// limits of AWS that bear on the workload, whether it hits them or not.
func (p *planner) limits() []Limit {
	var all []Limit
	timed := p.own
	of := "own compute"
	if timed.empty() {
		timed, of = p.api, "the external API"
	}
	after := func(name, value, concerns string, seconds float64, remedy string) {
		all = append(all, p.timeLimit(timed, name, value, concerns+" ("+of+")", seconds, remedy))
	}
	after("Lambda function timeout", "15m", "Lambda", config.LambdaTimeout.Seconds(), "run it as a job")
	if p.w.Trigger == OnRequest {
		after("API Gateway integration timeout, buffered", "29s", "requests", config.APIGatewayTimeout.Seconds(), "stream the answer (15 minutes), or answer 202 and run a job")
	}
	after("SageMaker asynchronous invocation", "1h", "SageMaker", sagemakerTimeout, "run it as a job")
	after("SQS visibility timeout of one receipt", "12h", "jobs", config.SQSVisibility.Seconds(), "none to be taken: workers send a delayed message instead before it ends")
	after("ECS task scale-in protection", "48h", "jobs", config.ECSTaskProtection.Seconds(), "split the task, or save checkpoints")
	all = append(all, p.sizeLimits()...)
	all = append(all, p.concurrency())
	if !p.own.empty() {
		tasks := p.mostTasks()
		all = append(all, Limit{Name: "ECS tasks per service", Value: "5,000", Concerns: "jobs, models", Hit: tasks > config.ECSTasksPerService,
			Words: fmt.Sprintf("%s in the busiest hour", thousands(float64(tasks)))})
	}
	if p.hardware != nil && p.w.Checkpoint > 0 {
		l := Limit{Name: "EC2 spot interruption notice", Value: "2m", Concerns: "GPU spot", Hit: p.w.Checkpoint > config.SpotNotice}
		l.Words = fmt.Sprintf("a checkpoint takes %s: it is saved in time", p.w.Checkpoint)
		if l.Hit {
			l.Words = fmt.Sprintf("a checkpoint takes %s: none is saved after the notice, work since the last is lost", p.w.Checkpoint)
		}
		all = append(all, l)
	}
	return all
}

func (p *planner) timeLimit(w work, name, value, concerns string, seconds float64, remedy string) Limit {
	l := Limit{Name: name, Value: value, Concerns: concerns}
	switch share := w.above(seconds); {
	case share < 1e-9:
		l.Words = fmt.Sprintf("never reached: p99 is %s", span(w.at(0.99)))
	case share >= 0.995:
		l.Hit, l.Words = true, fmt.Sprintf("every task, or nearly, is longer: %s", remedy)
	default:
		l.Percentile = math.Floor((1-share)*1000) / 10
		l.Hit = share > tolerated/10
		l.Words = fmt.Sprintf("from p%.4g on, %s of tasks: %s", l.Percentile, percent(share), remedy)
		if !l.Hit {
			l.Words = fmt.Sprintf("hardly ever reached: p99 is %s", span(w.at(0.99)))
			l.Percentile = 0
		}
	}
	return l
}

func (p *planner) sizeLimits() []Limit {
	var all []Limit
	size := func(name string, limit config.Size, value, concerns string, needed config.Size, hit, fits string) {
		if needed == 0 {
			return
		}
		l := Limit{Name: name, Value: value, Concerns: concerns, Hit: needed > limit, Words: fmt.Sprintf("%s: %s", needed, fits)}
		if l.Hit {
			l.Words = fmt.Sprintf("%s: %s", needed, hit)
		}
		all = append(all, l)
	}
	size("Lambda memory", config.LambdaMemory, "10,240 MB", "Lambda", p.w.Compute.Memory, "use a container", "fits")
	size("Lambda /tmp storage", config.LambdaStorage, "512 MB by default, up to 10,240 MB", "Lambda", p.w.Compute.Weights,
		"the model does not fit: use a container", "fits once /tmp is raised")
	size("Lambda synchronous payload", config.LambdaPayload, "6 MB", "Lambda, requests", p.w.Payload, "send it by an S3 upload slot", "fits")
	size("SQS message", config.SQSMessage, "1 MiB", "jobs", p.w.Payload, "none to be taken: payloads above 256 KB go to S3", "fits")
	return all
}

// concurrency in the busiest hour, with three standard deviations of Poisson
// arrivals above its mean.
func (p *planner) concurrency() Limit {
	w, of := p.own, "if it ran the work"
	if w.empty() || p.w.ExternalAPI != nil && p.w.Compute.GPUs > 0 { // one of both is given
		w, of = p.api, "that call the API"
	}
	mean := p.rate() * p.w.Volume.Burst * w.mean
	peak := mean + 3*math.Sqrt(mean)
	l := Limit{Name: "Lambda concurrent executions", Value: "1,000 by default", Concerns: "Lambda (" + of + ")", Hit: peak > config.LambdaConcurrency}
	if l.Hit {
		l.Words = fmt.Sprintf("%.0f at once in the busiest hour: ask AWS for more, or queue", peak)
	} else {
		l.Words = fmt.Sprintf("%.0f at once in the busiest hour", math.Ceil(peak))
	}
	return l
}
