package advise

import (
	"fmt"

	"tandem/config"
	"tandem/planning/cost"
	"tandem/prices"
)

// Options of the advice.
type Options struct {
	// Prices and Tokens to use. Both required.
	Prices *prices.Table
	Tokens cost.TokenPrices
}

// planner prices the alternatives for one workload at any volume.
type planner struct {
	w        Workload
	table    *prices.Table
	hardware *hardware
	noGPU    string // why there is no hardware
	tokens   prices.TokenPrice
	// own and api are the work on one's own compute and by the external API.
	own, api work
	used     map[prices.Source]bool
	err      error
}

// work is how long tasks take.
type work struct {
	Quantiles
	mean, square, p95 float64
}

func measure(q Quantiles) work {
	if q.empty() {
		return work{}
	}
	w := work{Quantiles: q, p95: q.at(0.95)}
	w.mean, w.square = q.moments()
	return w
}

func newPlanner(w Workload, o Options) (*planner, error) {
	p := &planner{w: w, table: o.Prices, used: map[prices.Source]bool{}, own: measure(w.Duration)}
	if w.ExternalAPI != nil {
		price, err := o.Tokens.Price(w.ExternalAPI.Provider, w.ExternalAPI.Model)
		if err != nil {
			return nil, err
		}
		p.tokens, p.api = price, measure(w.ExternalAPI.Duration)
		p.used[price.Source] = true
	}
	if w.Compute.GPUs > 0 {
		hardware, err := findHardware(&p.w, o.Prices)
		if err != nil {
			p.noGPU = err.Error()
		} else {
			p.hardware = hardware
			for _, source := range hardware.sources {
				p.used[source] = true
			}
		}
	}
	return p, nil
}

// usd is the price of one unit; a missing price is kept as an error.
func (p *planner) usd(service, item string) float64 {
	price, err := p.table.ServiceIn(p.w.Region, service, item)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.used[price.Source] = true
	return price.Each()
}

// rate is tasks a second, monthly tasks a month.
func (p *planner) rate() float64    { return p.w.Volume.PerDay / day }
func (p *planner) monthly() float64 { return p.rate() * month }

// fetch is how long weights and loading take in a new container.
func (p *planner) fetch() float64 {
	return float64(p.w.Compute.Weights)/float64(config.MiB)/weightsRate + p.w.Compute.Load.Seconds()
}

// front is what one task costs in front of its compute: API Gateway for a
// request; a job's state and queue besides, with a renewal each ten seconds.
func (p *planner) request() float64 {
	if p.w.Trigger == OnRequest {
		return p.usd("apigateway", "rest requests")
	}
	return 0
}

func (p *planner) job(seconds float64) float64 {
	const writes, queued, renewal = 8, 1.2, 10
	units, requests := p.usd("dynamodb", "on-demand write unit"), p.usd("sqs", "standard requests")
	return p.usd("apigateway", "rest requests") + (writes+seconds/renewal)*units + (queued+seconds/renewal)*requests
}

// Part is one position of an alternative's cost.
type Part struct {
	What string  `json:"what"`
	USD  float64 `json:"usd"`
}

// Alternative is one way to run the workload.
type Alternative struct {
	// ID, such as gpu-spot, and Title in words.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Tier that Tandem deploys it as: request, jobs, models or events; empty
	// where it deploys nothing like it.
	Tier string `json:"tier,omitempty"`
	// Blocked are the reasons why it cannot be; none where it can.
	Blocked []string `json:"blocked,omitempty"`
	// Monthly cost in USD, by part. Zero where it cannot be priced.
	Monthly float64 `json:"monthlyUSD"`
	Parts   []Part  `json:"parts,omitempty"`
	// Answer is how long a caller waits at the 95th percentile, in seconds.
	Answer float64 `json:"answerSeconds"`
	// Notes on what was assumed.
	Notes []string `json:"notes,omitempty"`

	// coldStart in seconds of what scales by itself; 0 where it is part of the answer.
	coldStart float64
}

// Possible is whether nothing blocks it.
func (a Alternative) Possible() bool { return len(a.Blocked) == 0 }

func (a *Alternative) part(what string, usd float64) {
	a.Parts = append(a.Parts, Part{what, usd})
	a.Monthly += usd
}

func (a *Alternative) block(format string, arguments ...any) {
	a.Blocked = append(a.Blocked, fmt.Sprintf(format, arguments...))
}

func (a *Alternative) note(format string, arguments ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, arguments...))
}

// alternatives at the workload's volume, simplest first: no servers, then
// containers that others run, then instances.
func (p *planner) alternatives() []Alternative {
	all := []Alternative{
		p.lambdaAPI(), p.lambdaCPU(), p.managedInstances(), p.sagemaker(),
		p.fargate(), p.gpuSpot(), p.gpuOnDemand(), p.alwaysOn(),
	}
	within := p.w.AnswerWithin.Seconds()
	for i := range all {
		a := &all[i]
		switch {
		case within == 0 || !a.Possible():
		case a.Answer > within:
			a.block("the answer takes %s at p95, and %s is asked for", span(a.Answer), span(within))
		case a.coldStart > 0 && p.own.p95+a.coldStart > within:
			a.block("whoever comes in a burst or after a break waits for a cold start of %s, and %s is asked for", span(a.coldStart), span(within))
		}
	}
	return all
}

// at is the planner at another volume.
func (p *planner) at(perDay float64) *planner {
	other := *p
	other.w.Volume.PerDay = perDay
	return &other
}
