package httpapi

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
)

// Construct is the scope that holds the API.
func (h *HTTPAPI) Construct() constructs.Construct { return h.construct }

// API is the REST API.
func (h *HTTPAPI) API() awsapigateway.IRestApi { return h.api }

// URL is where clients start, ending in a slash: the domain, or the generated
// name with the stage.
func (h *HTTPAPI) URL() string { return h.url }

// MetricCount counts requests.
func (h *HTTPAPI) MetricCount(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return h.api.MetricCount(options)
}

// MetricClientErrors counts 4xx answers.
func (h *HTTPAPI) MetricClientErrors(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return h.api.MetricClientError(options)
}

// MetricServerErrors counts 5xx answers.
func (h *HTTPAPI) MetricServerErrors(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return h.api.MetricServerError(options)
}

// MetricLatency is the time from request to answer, in milliseconds.
func (h *HTTPAPI) MetricLatency(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return h.api.MetricLatency(options)
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
