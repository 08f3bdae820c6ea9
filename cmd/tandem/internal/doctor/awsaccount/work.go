package awsaccount

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"tandem/cmd/tandem/internal/doctor"
)

// describeServices is how many services one call describes
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html, 2026-11-24).
const describeServices = 10

// Services implements doctor.Services.
func (a *Account) Services(ctx context.Context, cluster string, ids []string) ([]doctor.Service, error) {
	client := ecs.NewFromConfig(a.config)
	var found []doctor.Service
	for some := range slices.Chunk(ids, describeServices) {
		out, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: some})
		if err != nil {
			return nil, err
		}
		for _, service := range out.Services {
			// It answers with ARNs, whatever it was asked by.
			for _, id := range some {
				if id == aws.ToString(service.ServiceArn) || id[strings.LastIndex(id, "/")+1:] == aws.ToString(service.ServiceName) {
					found = append(found, doctor.Service{ID: id, Desired: int(service.DesiredCount), Running: int(service.RunningCount)})
				}
			}
		}
	}
	return found, nil
}

// Queue implements doctor.Queues.
func (a *Account) Queue(ctx context.Context, url string) (doctor.Queue, error) {
	out, err := sqs.NewFromConfig(a.config).GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameQueueArn, sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameRedrivePolicy,
	}})
	if err != nil {
		return doctor.Queue{}, err
	}
	queue := doctor.Queue{ARN: out.Attributes["QueueArn"]}
	if queue.Messages, err = strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"]); err != nil {
		return queue, fmt.Errorf("reading how many messages there are: %w", err)
	}
	var policy struct{ DeadLetterTargetArn string }
	if raw := out.Attributes["RedrivePolicy"]; raw != "" {
		if err := json.Unmarshal([]byte(raw), &policy); err != nil {
			return queue, fmt.Errorf("reading the redrive policy: %w", err)
		}
	}
	queue.DeadLetters = policy.DeadLetterTargetArn
	return queue, nil
}

// Errors implements doctor.Functions.
func (a *Account) Errors(ctx context.Context, function string, since time.Time) (calls, failures int, err error) {
	query := func(id, metric string) watchtypes.MetricDataQuery {
		return watchtypes.MetricDataQuery{Id: &id, MetricStat: &watchtypes.MetricStat{
			Period: aws.Int32(300), Stat: aws.String("Sum"),
			Metric: &watchtypes.Metric{Namespace: aws.String("AWS/Lambda"), MetricName: &metric,
				Dimensions: []watchtypes.Dimension{{Name: aws.String("FunctionName"), Value: &function}}},
		}}
	}
	out, err := cloudwatch.NewFromConfig(a.config).GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &since, EndTime: aws.Time(since.Add(time.Hour)),
		MetricDataQueries: []watchtypes.MetricDataQuery{query("calls", "Invocations"), query("failures", "Errors")},
	})
	if err != nil {
		return 0, 0, err
	}
	for _, result := range out.MetricDataResults {
		sum := 0.0
		for _, value := range result.Values {
			sum += value
		}
		switch aws.ToString(result.Id) {
		case "calls":
			calls = int(sum)
		case "failures":
			failures = int(sum)
		}
	}
	return calls, failures, nil
}
