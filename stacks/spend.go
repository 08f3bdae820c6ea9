package stacks

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/observability"
)

// modelMetrics are those of runtime/models/emf, which says what each means.
const modelMetrics = "Tandem/Models"

// spendGraphs show what models cost and how fast they answer, by tier.
func spendGraphs(s statistics, p *Props, d *Deployment) []observability.Graph {
	hour := awscdk.Duration_Hours(jsii.Number(1))
	of := func(name, tier, statistic, label string, period awscdk.Duration) awscloudwatch.Metric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(modelMetrics), MetricName: &name, Statistic: &statistic, Label: &label, Period: period,
			DimensionsMap: &map[string]*string{"Application": &p.Config.Name, "Environment": &p.Environment, "Tier": &tier},
		})
	}
	var tokens, latency, first []awscloudwatch.Metric
	for _, tier := range []struct{ number, label string }{{"1", "external"}, {"3", "own"}} {
		if tier.number == "3" && d.Services == nil {
			continue
		}
		tokens = append(tokens, of("InputTokens", tier.number, "Sum", tier.label+" in", hour), of("OutputTokens", tier.number, "Sum", tier.label+" out", hour))
		latency = append(latency, of("Latency", tier.number, "p50", tier.label+" p50", s.minute), of("Latency", tier.number, "p99", tier.label+" p99", s.minute))
		first = append(first, of("FirstToken", tier.number, "p50", tier.label+" p50", s.minute), of("FirstToken", tier.number, "p99", tier.label+" p99", s.minute))
	}
	external := of("CostUSD", "1", "Sum", "external models", hour)
	graphs := []observability.Graph{
		{Title: "Models: tokens an hour, by tier", Metrics: metrics(tokens...)},
		{Title: "Models: milliseconds to the first token, by tier", Metrics: metrics(first...)},
		{Title: "Models: milliseconds to the end, by tier", Metrics: metrics(latency...)},
		{Title: "Models: USD an hour for tokens, and calls without a known price", Metrics: metrics(external),
			Right: metrics(of("Unpriced", "1", "Sum", "unpriced", hour))},
	}
	if fleet := p.fleetUSD(d, hour); fleet != nil {
		graphs = append(graphs, p.splitGraphs(external, fleet, hour)...)
	}
	return graphs
}

// splitGraphs tell what share of the spend is for tokens and what for GPU
// instances. The article that this architecture follows has 15 to 85.
func (p *Props) splitGraphs(external awscloudwatch.Metric, fleet *fleetCost, hour awscdk.Duration) []observability.Graph {
	using := map[string]awscloudwatch.IMetric{"tokens": external}
	for id, metric := range fleet.using {
		using[id] = metric
	}
	math := func(label, expression string) awscloudwatch.IMetric {
		return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: &expression, UsingMetrics: &using, Label: &label, Period: hour,
		})
	}
	whole := "(FILL(tokens, 0) + " + fleet.expression + ")"
	share := func(part string) string { return "IF(" + whole + " > 0, 100 * " + part + " / " + whole + ")" }
	return []observability.Graph{
		{Title: "Spend: USD an hour, tokens and GPU instances", Metrics: []awscloudwatch.IMetric{
			math("tokens (tier 1)", "FILL(tokens, 0)"), math("GPU instances (tiers 2 and 3)", fleet.expression)}},
		{Title: "Spend: share in percent, tokens and GPU instances", Metrics: []awscloudwatch.IMetric{
			math("tokens (tier 1)", share("FILL(tokens, 0)")), math("GPU instances (tiers 2 and 3)", share(fleet.expression))}},
	}
}

type fleetCost struct {
	expression string
	using      map[string]awscloudwatch.IMetric
}

// fleetUSD is what the running GPU instances cost an hour, each at the price of
// the first type of its group: which type it really is no metric tells.
func (p *Props) fleetUSD(d *Deployment, hour awscdk.Duration) *fleetCost {
	if p.InstanceUSD == nil || d.Compute == nil {
		return nil
	}
	cost := &fleetCost{using: map[string]awscloudwatch.IMetric{}}
	var terms []string
	for i, name := range sorted(d.Compute.Groups) {
		spot, onDemand := p.InstanceUSD(p.Config.AWS.Region, p.Config.Capacity.Groups[name].InstanceTypes[0])
		group := d.Compute.Groups[name]
		var prices []float64
		if group.SpotProviderName() != nil {
			prices = append(prices, spot)
		}
		if group.OnDemandProviderName() != nil {
			prices = append(prices, onDemand)
		}
		for j, metric := range group.MetricInService(&awscloudwatch.MetricOptions{Statistic: jsii.String("Average"), Period: hour}) {
			id := fmt.Sprintf("g%d_%d", i, j)
			cost.using[id] = metric
			terms = append(terms, fmt.Sprintf("%g * FILL(%s, 0)", prices[j], id))
		}
	}
	if len(terms) == 0 {
		return nil
	}
	cost.expression = "(" + strings.Join(terms, " + ") + ")"
	return cost
}
