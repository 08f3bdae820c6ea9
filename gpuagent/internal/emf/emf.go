// Package emf writes lines of CloudWatch's embedded metric format into the log:
// CloudWatch makes metrics of them, on which alarms are raised, without the agent
// having to be allowed to put any
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html, 2026-11-24).
//
// There is one series a cluster and metric, whatever the number of instances, at
// 0.30 USD a month each (https://aws.amazon.com/cloudwatch/pricing, 2026-11-24):
// the sum over a minute is how many instances are concerned. Which one it is
// stands in the line.
package emf

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
)

// Options of a [Writer].
type Options struct {
	// Output is the log. Required. Each line is one call of Write.
	Output io.Writer
	// Status returns the last judgement. Required.
	Status func() nodestatus.Status
	// Xids returns how many Xid errors there have been. Required.
	Xids func() int
	// Cluster is the dimension.
	Cluster string
	// Instance is named in the line.
	Instance string
	// Every is how often a line is written. Defaults to 1m, CloudWatch's
	// resolution.
	Every time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Writer writes a line a minute.
type Writer struct {
	options Options
	xids    int
}

// New makes a writer.
func New(options Options) *Writer {
	if options.Every == 0 {
		options.Every = time.Minute
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Writer{options: options}
}

// Run writes until the context ends.
func (w *Writer) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := w.Write(); err != nil {
				return err
			}
		}
	}
}

// line is one line, in the order in which it reads best.
type line struct {
	AWS      directive        `json:"_aws"`
	Cluster  string           `json:"Cluster"`
	Instance string           `json:"Instance,omitempty"`
	State    nodestatus.State `json:"State"`
	Reasons  []string         `json:"Reasons,omitempty"`

	ImpairedInstances, ImpairedGPUs, BlindInstances, SpotNotices, XidErrors, WatchedInstances int
}

type directive struct {
	Timestamp         int64    `json:"Timestamp"`
	CloudWatchMetrics []metric `json:"CloudWatchMetrics"`
}

type metric struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []name
}

type name struct{ Name, Unit string }

// Write writes one line.
func (w *Writer) Write() error {
	status, xids := w.options.Status(), w.options.Xids()
	written := line{
		Cluster: w.options.Cluster, Instance: w.options.Instance, State: status.State, Reasons: status.Reasons,
		ImpairedInstances: count(status.State == nodestatus.Impaired), BlindInstances: count(status.State == nodestatus.InsufficientData),
		SpotNotices: count(status.Spot != nil), XidErrors: max(xids-w.xids, 0), WatchedInstances: 1,
	}
	for _, gpu := range status.GPUs {
		written.ImpairedGPUs += count(gpu.State == nodestatus.Impaired)
	}
	of := metric{Namespace: settings.AgentNamespace, Dimensions: [][]string{{settings.AgentDimension}}}
	for _, each := range settings.AgentMetrics() {
		of.Metrics = append(of.Metrics, name{each, "Count"})
	}
	written.AWS = directive{Timestamp: w.options.Now().UnixMilli(), CloudWatchMetrics: []metric{of}}
	raw, err := json.Marshal(written)
	if err != nil {
		return fmt.Errorf("writing embedded metrics: %w", err)
	}
	if _, err := w.options.Output.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("writing embedded metrics: %w", err)
	}
	w.xids = xids
	return nil
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
