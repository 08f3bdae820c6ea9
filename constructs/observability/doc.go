// Package observability draws a dashboard a tier, raises alarms, and watches a
// monthly budget. Which metrics matter, and from where on they are alarming, is
// told by whoever knows the tier: the stacks.
package observability
