package cost

// alarm by each metric that it looks at.
func alarm(e *estimator, r *Resource) []Item {
	metrics := 0.0
	for _, metric := range list(r.Properties["Metrics"]) {
		if at(metric, "MetricStat") != nil {
			metrics++
		}
	}
	return []Item{e.fixed("metrics alarmed on", "cloudwatch", "standard alarm", max(1, metrics))}
}

func compositeAlarm(e *estimator, _ *Resource) []Item {
	return []Item{e.fixed("composite alarm", "cloudwatch", "composite alarm", 1)}
}

func dashboard(e *estimator, _ *Resource) []Item {
	return []Item{e.fixed("dashboard", "cloudwatch", "dashboard", 1)}
}

func metricFilter(e *estimator, r *Resource) []Item {
	return []Item{e.perUse("custom metrics", "cloudwatch", "custom metric", float64(len(list(r.Properties["MetricTransformations"])))).
		noting("billed by the hour in which lines match")}
}

// compressed is the share of their size that logs take up once stored
// (https://aws.amazon.com/cloudwatch/pricing/, examples, 2026-11-24).
const compressed = 0.15

// logGroup by what it takes in and keeps. Traffic names one figure for all
// groups, so each gets an equal share.
func logGroup(e *estimator, r *Resource) []Item {
	share := e.traffic.LogsGB / float64(len(e.assembly.ofType("AWS::Logs::LogGroup")))
	months := numberOr(365, r.Properties, "RetentionInDays") / 30
	return []Item{
		e.perUse("GB taken in", "cloudwatch", "log ingestion", share).noting("an equal share of all logs"),
		e.perUse("GB-months kept", "cloudwatch", "log storage", share*compressed*months),
	}
}

func topic(e *estimator, _ *Resource) []Item {
	return []Item{e.perUse("mails", "sns", "email deliveries", 0)}
}
