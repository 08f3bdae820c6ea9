package cost

// metricsAMethod that detailed metrics of a stage add for each method in use:
// Count, Latency, IntegrationLatency, 4XXError, 5XXError.
const metricsAMethod = 5

// apiStage by request. Detailed metrics are custom metrics of each method that is called.
func apiStage(e *estimator, r *Resource) []Item {
	items := []Item{e.perUse("requests", "apigateway", "rest requests", e.apiCalls())}
	for _, setting := range list(r.Properties["MethodSettings"]) {
		if enabled, _ := at(setting, "MetricsEnabled").(bool); enabled {
			var methods float64
			if e.apiCalls() > 0 {
				methods = float64(len(e.assembly.ofType("AWS::ApiGateway::Method")))
			}
			items = append(items, e.perUse("detailed metrics", "cloudwatch", "custom metric", methods*metricsAMethod).noting("at most: of methods that are called"))
			break
		}
	}
	if len(e.assembly.ofType("AWS::EC2::NatGateway")) == 0 {
		items = append(items, e.perUse("GB to the internet", "transfer", "internet out", e.traffic.InternetGB))
	}
	return items
}

// firewall by web ACL, by rule and by request. A managed rule group counts as a rule.
func firewall(e *estimator, r *Resource) []Item {
	return []Item{
		e.fixed("web ACL", "waf", "web acl", 1),
		e.fixed("rules", "waf", "rule", float64(len(list(r.Properties["Rules"])))),
		e.perUse("requests", "waf", "requests", e.apiCalls()),
	}
}
