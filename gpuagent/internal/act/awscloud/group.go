package awscloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"tandem/gpuagent/internal/act"
)

// AutoScaling is what is called of it.
type AutoScaling interface {
	SetInstanceHealth(context.Context, *autoscaling.SetInstanceHealthInput, ...func(*autoscaling.Options)) (*autoscaling.SetInstanceHealthOutput, error)
}

// Group is an [act.Group].
type Group struct {
	// Client of EC2 Auto Scaling. Required.
	Client AutoScaling
}

var _ act.Group = Group{}

// SetUnhealthy implements [act.Group]. Within its grace period Auto Scaling would
// silently ignore the call; the tasks have left by now, so that nothing is gained
// by waiting.
func (g Group) SetUnhealthy(ctx context.Context, instanceID string) error {
	_, err := g.Client.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{
		InstanceId: &instanceID, HealthStatus: aws.String("Unhealthy"), ShouldRespectGracePeriod: aws.Bool(false),
	})
	if err != nil {
		return fmt.Errorf("setting instance %s to Unhealthy: %w", instanceID, err)
	}
	return nil
}
