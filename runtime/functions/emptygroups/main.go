// Emptygroups empties Auto Scaling groups before CloudFormation deletes them.
package main

import (
	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/emptygroups"
	"tandem/runtime/emptygroups/awscloud"
	"tandem/runtime/functions/internal/start"
	"tandem/runtime/settings"
)

func main() {
	s := start.Settings[settings.EmptyGroups]()
	log, config := start.Logger(s.Log), start.AWS()
	handler := emptygroups.Handler{Log: log, Emptier: emptygroups.New(emptygroups.Options{
		Groups:  awscloud.Groups{Client: autoscaling.NewFromConfig(config)},
		Cluster: awscloud.Cluster{Client: ecs.NewFromConfig(config)},
		Limit:   s.Limit, Log: log,
	})}
	lambda.Start(cfn.LambdaWrap(handler.Handle))
}
