package cost

import (
	"math"
	"slices"
	"strings"
)

// How long functions run, in seconds, where traffic does not say. A submit
// takes 15 ms by this project's own measurement; what runs each minute asks a
// handful of AWS APIs.
const (
	submitSeconds    = 0.015
	authorizeSeconds = 0.010
	watchSeconds     = 0.5
	courierSeconds   = 0.3
	documentSeconds  = 20
	requestSeconds   = 3
)

// Calls of the API for one job: submit it, ask for it twice.
const callsAJob = 3

// function by invocations and by memory times duration; traced ones by trace.
func function(e *estimator, r *Resource) []Item {
	memory := numberOr(128, r.Properties, "MemorySize") / 1024
	duration := "x86 duration"
	if text(r.Properties, "Architectures", 0) == "arm64" {
		duration = "arm duration"
	}
	fixed, fixedSeconds := e.scheduled(r)
	use, useSeconds, note := e.invocations(r)
	var items []Item
	if fixed > 0 {
		items = append(items,
			e.fixed("scheduled invocations", "lambda", "requests", fixed),
			e.fixed("GB-seconds of them", "lambda", duration, fixed*fixedSeconds*memory).noting("taken to run for %g s", fixedSeconds))
	}
	items = append(items,
		e.perUse("invocations", "lambda", "requests", use),
		e.perUse("GB-seconds", "lambda", duration, use*useSeconds*memory).noting("%s", note))
	if extra := numberOr(512, r.Properties, "EphemeralStorage", "Size") - 512; extra > 0 {
		items = append(items, e.perUse("/tmp above 512 MB, GB-seconds", "lambda", "ephemeral storage", use*useSeconds*extra/1024))
	}
	if text(r.Properties, "TracingConfig", "Mode") == "Active" {
		if fixed > 0 {
			items = append(items, e.fixed("traces of scheduled invocations", "xray", "traces recorded", fixed))
		}
		items = append(items, e.perUse("traces", "xray", "traces recorded", traced(use)).noting("one a second and 5 %% of the rest"))
	}
	return items
}

// traced is how many of a month's invocations X-Ray records by its default
// rule, if they come evenly
// (https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html, 2026-11-24).
func traced(invocations float64) float64 {
	seconds := Hours * 3600
	first := math.Min(invocations, seconds)
	return first + (invocations-first)*0.05
}

// scheduled is how often rules invoke a function a month.
func (e *estimator) scheduled(r *Resource) (invocations, seconds float64) {
	for _, rule := range e.assembly.ofType("AWS::Events::Rule") {
		rate := strings.TrimSuffix(strings.TrimPrefix(text(rule.Properties, "ScheduleExpression"), "rate("), ")")
		if rate == "" {
			continue
		}
		for _, target := range list(rule.Properties["Targets"]) {
			if rule.target(at(target, "Arn")) == r {
				invocations += perMonth(rate)
			}
		}
	}
	return invocations, watchSeconds
}

// perMonth of a rate such as 1 minute or 12 hours; cron expressions count as hourly.
func perMonth(rate string) float64 {
	count, unit, found := strings.Cut(rate, " ")
	every := numberOr(1, count)
	switch {
	case !found || every <= 0:
		return Hours
	case strings.HasPrefix(unit, "minute"):
		return Hours * 60 / every
	case strings.HasPrefix(unit, "day"):
		return Hours / 24 / every
	default:
		return Hours / every
	}
}

// invocations by traffic, found by what invokes the function: a document's
// upload, the API, its authorizer, a queue.
func (e *estimator) invocations(r *Resource) (count, seconds float64, note string) {
	for name, uploads := range e.traffic.Documents {
		if strings.HasPrefix(r.ID, "Documents"+pascal(name)+"Function") {
			return uploads.Count, orElse(uploads.Duration, documentSeconds), ""
		}
	}
	for _, authorizer := range e.assembly.ofType("AWS::ApiGateway::Authorizer") {
		if authorizer.mentions(authorizer.Properties["AuthorizerUri"], r) {
			return e.apiCalls(), authorizeSeconds, "at most: answers are cached for a minute"
		}
	}
	for _, mapping := range e.assembly.ofType("AWS::Lambda::EventSourceMapping") {
		if mapping.target(mapping.Properties["FunctionName"]) == r {
			return e.jobs(), courierSeconds, "as if each job had a webhook"
		}
	}
	requests, jobs := e.behindAPI(r)
	var busy float64
	if requests {
		count += e.traffic.Requests
		busy += e.traffic.Requests * orElse(e.traffic.RequestDuration, requestSeconds)
	}
	if jobs {
		count += e.jobs() * callsAJob
		busy += e.jobs() * callsAJob * submitSeconds
	}
	if count == 0 {
		return 0, 0, ""
	}
	return count, busy / count, ""
}

// behindAPI is which calls of the API a function takes: those to .../completions
// and their like, or those about jobs. One that is alone behind the API takes both.
func (e *estimator) behindAPI(r *Resource) (requests, jobs bool) {
	var parts []string
	others := false
	for _, method := range e.assembly.ofType("AWS::ApiGateway::Method") {
		uri := at(method.Properties, "Integration", "Uri")
		if !method.mentions(uri, r) {
			others = others || uri != nil
			continue
		}
		if resource := method.target(method.Properties["ResourceId"]); resource != nil {
			parts = append(parts, text(resource.Properties, "PathPart"))
		}
	}
	if len(parts) == 0 {
		return false, false
	}
	return slices.Contains(parts, "completions") || !others, slices.Contains(parts, "jobs") || !others
}

func (e *estimator) jobs() (count float64) {
	for _, jobs := range e.traffic.Jobs {
		count += jobs.Count
	}
	return count
}

// apiCalls of a month.
func (e *estimator) apiCalls() float64 { return e.traffic.Requests + e.jobs()*callsAJob }

// documents of the assembly that functions analyse, as their logical ids have them.
func (a *Assembly) documents() []string {
	var names []string
	for _, r := range a.ofType("AWS::Lambda::Function") {
		if rest, found := strings.CutPrefix(r.ID, "Documents"); found {
			if name, _, found := strings.Cut(rest, "Function"); found {
				names = append(names, name)
			}
		}
	}
	return names
}

// pollers is how many long polls of 20 s Lambda keeps open on a queue
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html, 2026-11-24).
const pollers = 5

// queuePolling: Lambda's own receives are billed to the queue's owner.
func queuePolling(e *estimator, _ *Resource) []Item {
	return []Item{e.fixed("receives by Lambda's pollers", "sqs", "standard requests", pollers*Hours*3600/20).noting("five long polls of 20 s at any time")}
}
