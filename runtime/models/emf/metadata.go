package emf

import "slices"

// The shape of the format
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html, 2026-11-24).
type metadata struct {
	Timestamp         int64
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct {
	Name string
	Unit string
}

func (m *Meter) metadata(answered bool) metadata {
	spend := []metric{
		{"Requests", "Count"}, {"InputTokens", "Count"}, {"CachedInputTokens", "Count"}, {"OutputTokens", "Count"}, {"CostUSD", "None"},
	}
	all := slices.Concat(spend, []metric{{"Errors", "Count"}, {"Unpriced", "Count"}, {"Attempts", "Count"}})
	if answered {
		all = append(all, metric{"FirstToken", "Milliseconds"}, metric{"Latency", "Milliseconds"})
	}
	directives := []directive{{Namespace: Namespace, Metrics: all, Dimensions: [][]string{
		{"Application", "Environment", "Tier"}, {"Application", "Environment", "Model", "Route"},
	}}}
	if !m.options.WithoutTenants {
		directives = append(directives, directive{Namespace: Namespace, Metrics: spend, Dimensions: [][]string{{"Application", "Environment", "Tenant"}}})
	}
	return metadata{Timestamp: m.options.Now().UnixMilli(), CloudWatchMetrics: directives}
}
