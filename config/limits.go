package config

import "time"

// Limits of AWS that a configuration can run into. What bounds a single field
// is in that field's tags too; a test holds the two together.
const (
	LambdaTimeout            = Duration(15 * time.Minute)
	LambdaMemory             = 10240 * MiB
	LambdaStorage            = 10240 * MiB
	LambdaPayload            = 6 * MiB // requests and buffered responses
	LambdaConcurrency        = 1000
	LambdaEnvironment        = 4 * KiB // all variables of a function together
	APIGatewayTimeout        = Duration(29 * time.Second)
	APIGatewayStreamTimeout  = Duration(15 * time.Minute)
	APIGatewayStreamIdle     = Duration(5 * time.Minute)
	SQSMessage               = MiB
	SQSVisibility            = Duration(12 * time.Hour)
	SQSRetention             = Duration(14 * day)
	SQSDelay                 = Duration(15 * time.Minute)
	DynamoDBItem             = 400 * KiB
	ECSTaskProtection        = Duration(48 * time.Hour)
	ECSStopTimeout           = Duration(2 * time.Minute)
	ECSTasksPerService       = 5000
	ECSCapacityProviders     = 20
	SpotNotice               = Duration(2 * time.Minute)
	CloudFormationECSRollout = Duration(3 * time.Hour)
	VPCLargestMask           = 16
	VPCSmallestMask          = 28
	LoadBalancerZones        = 2
	BudgetAlerts             = 10
	TagsPerResource          = 50
)

// Limit is one row of the table of limits.
type Limit struct {
	// Name is what is limited, as AWS calls it.
	Name string
	// Value with its unit.
	Value string
	// Adjustable is whether AWS raises it on request.
	Adjustable bool
	// Source is the page that says so. Checked is when it was last read; empty
	// for what is as commonly known, and worth a look before relying on it.
	Source, Checked string
}

const (
	lambdaQuotas     = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
	apiGatewayQuotas = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
	apiGatewayStream = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
	sqsQuotas        = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"
	sqsSize          = "https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb"
	dynamoDBQuotas   = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"
	ecsProtection    = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html"
	ecsContainer     = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
	ecsQuotas        = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"
	spotNotices      = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html"
	cfnTimeouts      = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html"
	vpcSizing        = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
	albZones         = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"
	budgetQuotas     = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html"
	tagQuotas        = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
	logRetention     = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"
	fargateSizes     = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
)

// Limits is the table, for documents and for checks elsewhere.
func Limits() []Limit {
	const read = "2026-11-24"
	return []Limit{
		{"Lambda function timeout", LambdaTimeout.String(), false, lambdaQuotas, read},
		{"Lambda function memory", "10240MiB", false, lambdaQuotas, read},
		{"Lambda /tmp storage", "10240MiB", false, lambdaQuotas, read},
		{"Lambda synchronous payload", "6MB", false, lambdaQuotas, read},
		{"Lambda concurrent executions", "1000 (new accounts less)", true, lambdaQuotas, read},
		{"Lambda environment variables", LambdaEnvironment.String(), false, lambdaQuotas, read},
		{"API Gateway integration timeout, buffered", APIGatewayTimeout.String(), true, apiGatewayQuotas, ""},
		{"API Gateway integration timeout, streaming", APIGatewayStreamTimeout.String(), false, apiGatewayStream, read},
		{"API Gateway stream without a byte, regional", APIGatewayStreamIdle.String(), false, apiGatewayStream, read},
		{"SQS message size", SQSMessage.String(), false, sqsSize, read},
		{"SQS visibility timeout of one receipt", SQSVisibility.String(), false, sqsQuotas, read},
		{"SQS message retention", SQSRetention.String(), false, sqsQuotas, read},
		{"SQS message delay", SQSDelay.String(), false, sqsQuotas, read},
		{"DynamoDB item size", DynamoDBItem.String(), false, dynamoDBQuotas, ""},
		{"ECS task scale-in protection", ECSTaskProtection.String(), false, ecsProtection, read},
		{"ECS container stop timeout on Fargate", ECSStopTimeout.String(), false, ecsContainer, read},
		{"ECS tasks per service", "5000", true, ecsQuotas, read},
		{"ECS capacity providers per cluster", "20", false, ecsQuotas, read},
		{"Fargate task sizes", "0.25 to 16 vCPUs, see FargateSizes", false, fargateSizes, read},
		{"EC2 spot interruption notice", SpotNotice.String(), false, spotNotices, ""},
		{"CloudFormation's wait for an ECS service to be stable", CloudFormationECSRollout.String(), false, cfnTimeouts, ""},
		{"VPC address block", "/16 to /28", false, vpcSizing, ""},
		{"Application Load Balancer zones, at least", "2", false, albZones, ""},
		{"Budget alerts per budget", "10", false, budgetQuotas, read},
		{"Tags per resource", "50", false, tagQuotas, ""},
		{"CloudWatch log retention steps, days", joinInts(LogRetentionDays()), false, logRetention, ""},
	}
}

// LogRetentionDays are the steps that CloudWatch Logs knows, in days.
func LogRetentionDays() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
		1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// FargateSize is one choice of vCPUs with the memory that goes with it.
type FargateSize struct {
	VCPUs             float64
	Least, Most, Step Size
}

// FargateSizes are the sizes that Fargate sells for Linux. The smallest goes
// in doubling steps of memory: 512 MiB, 1 and 2 GiB.
func FargateSizes() []FargateSize {
	return []FargateSize{
		{0.25, 512 * MiB, 2 * GiB, 0},
		{0.5, GiB, 4 * GiB, GiB},
		{1, 2 * GiB, 8 * GiB, GiB},
		{2, 4 * GiB, 16 * GiB, GiB},
		{4, 8 * GiB, 30 * GiB, GiB},
		{8, 16 * GiB, 60 * GiB, 4 * GiB},
		{16, 32 * GiB, 120 * GiB, 8 * GiB},
	}
}

// Holds is whether Fargate sells this size with that much memory.
func (s FargateSize) Holds(memory Size) bool {
	if memory < s.Least || memory > s.Most {
		return false
	}
	if s.Step == 0 {
		return memory == s.Least || memory == 2*s.Least || memory == 4*s.Least
	}
	return (memory-s.Least)%s.Step == 0
}
