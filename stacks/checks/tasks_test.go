package checks_test

import "testing"

const workerTask = "Workers/Analyser/Task"

func TestRegisteredMemory(t *testing.T) {
	judge(t, "registered-memory", fleet,
		edit{"more memory than the smallest type registers is found", "Memory: 14000", "Memory: 16000", workerTask, "16266 MiB of memory, with 128 MiB for daemons", false},
		edit{"daemons count", "{Name: agent, Memory: 128", "{Name: agent, Memory: 2000", workerTask, "with 2000 MiB for daemons", false},
		edit{"the hard limit counts where there is no soft one", "Memory: 512\n            MemoryReservation: 256\n", "Memory: 2000\n", workerTask, "16010 MiB", false},
		edit{"the task's own size counts before its containers", "RequiresCompatibilities: [EC2]", "RequiresCompatibilities: [EC2]\n        Memory: 16000", workerTask, "16000 MiB", false},
		edit{"what the agent keeps is a warning, as the rest is an estimate", `\nECS_AWSVPC_BLOCK_IMDS=true # tasks`, `\nECS_RESERVED_MEMORY=2000`, workerTask, "less 2000 MiB by ECS_RESERVED_MEMORY", true},
		edit{"more CPU than the smallest type has is found", "Cpu: 3000", "Cpu: 4000", workerTask, "4000 CPU units, with 128 for daemons", false},
		edit{"more GPUs than an instance has are found", `{Type: GPU, Value: "1"}`, `{Type: GPU, Value: "2"}`, workerTask, "2 GPUs", false},
		edit{"a GPU on Fargate is found", "CapacityProvider: on-demand", "CapacityProvider: FARGATE", workerTask, "1 GPUs on Fargate", false},
	)
}

const fargate = `
Workers:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Task:
      Type: AWS::ECS::TaskDefinition
      Properties:
        Cpu: "1024"
        Memory: "4096"
        RequiresCompatibilities: [FARGATE]
        ContainerDefinitions: [{Name: model, Cpu: 768, Memory: 3840, StopTimeout: 100}, {Name: worker, Cpu: 256, Memory: 256}]
    Service:
      Type: AWS::ECS::Service
      Properties: {Cluster: {Ref: Cluster}, LaunchType: FARGATE, TaskDefinition: {Ref: Task}, DesiredCount: 0}
`

func TestFargateSize(t *testing.T) {
	const task = "Workers/Task"
	judge(t, "fargate-size", fargate,
		edit{"memory that is not sold with the CPU is found", `Memory: "4096"`, `Memory: "9216"`, task, "1 vCPUs with 9216 MiB", false},
		edit{"memory between two steps is found", `Memory: "4096"`, `Memory: "4200"`, task, "1 vCPUs with 4200 MiB", false},
		edit{"CPU that is not sold is found", `Cpu: "1024"`, `Cpu: "1536"`, task, "1.5 vCPUs", false},
		edit{"a task without a size is found", `Cpu: "1024"`, `Family: a`, task, "no Cpu or no Memory", false},
		edit{"containers larger than their task are found", "Memory: 3840", "Memory: 4096", task, "containers that reserve 1024 CPU units and 4352 MiB", false},
		edit{"sizes may have units", "Cpu: \"1024\"\n        Memory: \"4096\"", "Cpu: 1 vCPU\n        Memory: 4 GB", "", "", false},
		edit{"what a service runs on Fargate needs a size, whatever it says of itself", `        Cpu: "1024"` + "\n" + `        Memory: "4096"` + "\n        RequiresCompatibilities: [FARGATE]\n",
			"        RequiresCompatibilities: [EC2]\n", "Workers/Task", "no Cpu", false},
	)
}

func TestStopTimeout(t *testing.T) {
	judge(t, "stop-timeout", fleet,
		edit{"times that add up past 110 s are found", "StopTimeout: 20", "StopTimeout: 21", workerTask, "111 s until worker, then model have stopped", false},
		edit{"120 s for one container are found", "StopTimeout: 20", "StopTimeout: 120", workerTask, "a stop timeout of 120 s on container model", false},
		edit{"the default of 30 s counts", "StopTimeout: 20, ", "", workerTask, "120 s until worker, then model", false},
		edit{"the instance may have another default", `\nECS_AWSVPC_BLOCK_IMDS=true # tasks`, `\nECS_CONTAINER_STOP_TIMEOUT=1m55s`, workerTask, "115 s until fetch", false},
		edit{"a container that has completed takes no time", "Condition: SUCCESS}", "Condition: COMPLETE}", "", "", false},
		edit{"containers that need each other are no endless chain", "{Name: fetch, Memory: 10}", "{Name: fetch, Memory: 10, DependsOn: [{ContainerName: fetch, Condition: START}]}", "", "", false},
	)
	judge(t, "stop-timeout", fargate,
		edit{"Fargate takes no more than 120 s", "StopTimeout: 100", "StopTimeout: 121", "Workers/Task", "a stop timeout of 121 s", false},
		edit{"Fargate takes 120 s", "StopTimeout: 100", "StopTimeout: 120", "", "", false},
		edit{"Fargate's spot takes what is below", "LaunchType: FARGATE", "CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}]", "", "", false},
	)
	judge(t, "stop-timeout", replace(t, fargate, "StopTimeout: 100", "StopTimeout: 120"),
		edit{"on Fargate's spot 120 s are too many", "LaunchType: FARGATE", "CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}]", "Workers/Task", "a stop timeout of 120 s", false})
}

func TestDesiredCountZero(t *testing.T) {
	judge(t, "desired-count-zero", fleet,
		edit{"a count is found", "DesiredCount: 0", "DesiredCount: 2", "Workers/Analyser/Spot/Service", "DesiredCount 2", false},
		edit{"no count means one", "        DesiredCount: 0\n", "", "Workers/Analyser/Spot/Service", "no DesiredCount, which means 1", false},
		edit{"a service behind a load balancer may have one", "DesiredCount: 0", "DesiredCount: 2\n        LoadBalancers: [{TargetGroupArn: x}]", "", "", false},
		edit{"a worker on Fargate is one by what it is told", "CapacityProviderStrategy: [{CapacityProvider: on-demand, Weight: 1}]\n        DesiredCount: 0",
			"LaunchType: FARGATE\n        DesiredCount: 3", "Workers/OnDemand", "DesiredCount 3", false},
	)
}

const modelService = `
Services:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: model, ResourceRequirements: [{Type: GPU, Value: 1}]}]}}
    Service:
      Type: AWS::ECS::Service
      Properties:
        Cluster: {Ref: Cluster}
        TaskDefinition: {Ref: Task}
        LoadBalancers: [{TargetGroupArn: x}]
        HealthCheckGracePeriodSeconds: 600
        DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
    Target:
      Type: AWS::ApplicationAutoScaling::ScalableTarget
      Properties: {MinCapacity: 0, MaxCapacity: 4, ResourceId: {Fn::Join: ["", [service/, {Ref: Cluster}, /, {Fn::GetAtt: [Service, Name]}]]}}
    Requests:
      Type: AWS::ApplicationAutoScaling::ScalingPolicy
      Properties:
        ScalingTargetId: {Ref: Target}
        TargetTrackingScalingPolicyConfiguration: {TargetValue: 60, PredefinedMetricSpecification: {PredefinedMetricType: ALBRequestCountPerTarget}}
    Wake:
      Type: AWS::ApplicationAutoScaling::ScalingPolicy
      Properties:
        ScalingTargetId: {Ref: Target}
        StepScalingPolicyConfiguration: {AdjustmentType: ChangeInCapacity, StepAdjustments: [{MetricIntervalLowerBound: 0, ScalingAdjustment: 1}]}
    Refused:
      Type: AWS::CloudWatch::Alarm
      Properties:
        AlarmActions: [{Ref: Wake}]
        Namespace: AWS/ApplicationELB
        MetricName: HTTPCode_ELB_503_Count
        ComparisonOperator: GreaterThanOrEqualToThreshold
        Threshold: 1
`

func TestHealthGrace(t *testing.T) {
	judge(t, "health-grace", modelService,
		edit{"no grace is found", "        HealthCheckGracePeriodSeconds: 600\n", "", "Services/Service", "no HealthCheckGracePeriodSeconds", false},
		edit{"no circuit breaker is a warning", "Enable: true", "Enable: false", "Services/Service", "no deployment circuit breaker", true},
		edit{"a service without a GPU starts at once", "ResourceRequirements: [{Type: GPU, Value: 1}]", "Cpu: 1", "", "", false},
	)
}

func TestLeavesZero(t *testing.T) {
	const target = "Services/Target"
	// The policy that adds the first task becomes one that lets a program do so.
	const wake = "Type: AWS::ApplicationAutoScaling::ScalingPolicy\n      Properties:\n        ScalingTargetId: {Ref: Target}\n        StepScaling"
	mayCall := func(action string) string {
		return "Type: AWS::IAM::Policy\n      Properties:\n        PolicyDocument: {Statement: [{Effect: Allow, Action: " + action + ", Resource: {Ref: Service}}]}\n        StepScaling"
	}
	metric := "Namespace: AWS/ApplicationELB\n        MetricName: HTTPCode_ELB_503_Count"
	judge(t, "leaves-zero", modelService,
		edit{"a first step at 100 is found", "Threshold: 1", "Threshold: 100", target, "first step is at 100", false},
		edit{"a lower bound above the threshold counts", "MetricIntervalLowerBound: 0", "MetricIntervalLowerBound: 9", target, "first step is at 10", false},
		edit{"above one is not at one", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", target, "first step is at more than 1", false},
		edit{"above zero is at one", "ComparisonOperator: GreaterThanOrEqualToThreshold\n        Threshold: 1", "ComparisonOperator: GreaterThanThreshold\n        Threshold: 0", "", "", false},
		edit{"requests are counted only where a target is", metric, "Namespace: AWS/ApplicationELB\n        MetricName: RequestCount", target, "AWS/ApplicationELB RequestCount", false},
		edit{"CPU has no value without tasks", metric, "Namespace: AWS/ECS\n        MetricName: CPUUtilization", target, "AWS/ECS CPUUtilization", false},
		edit{"backlog per task is a quotient by zero", metric, "Metrics: [{Expression: visible / tasks}]", target, "a quotient", false},
		edit{"a share of zero is zero", "AdjustmentType: ChangeInCapacity", "AdjustmentType: PercentChangeInCapacity", target, "a share of zero tasks", false},
		edit{"a share with a minimum is not", "AdjustmentType: ChangeInCapacity", "AdjustmentType: PercentChangeInCapacity, MinAdjustmentMagnitude: 1", "", "", false},
		edit{"steps that only go down are found", "ScalingAdjustment: 1", "ScalingAdjustment: -1", target, "adds nothing", false},
		edit{"an alarm on low values is found", "GreaterThanOrEqualToThreshold", "LessThanThreshold", target, "an alarm on low values", false},
		edit{"a step policy without an alarm is found", "AlarmActions: [{Ref: Wake}]", "AlarmActions: []", target, "without an alarm", false},
		edit{"the lowest of several steps counts", "StepAdjustments: [", "StepAdjustments: [{MetricIntervalLowerBound: 50, ScalingAdjustment: 4}, ", "", "", false},
		edit{"a step that adds nothing is none", "StepAdjustments: [{MetricIntervalLowerBound: 0, ScalingAdjustment: 1}", "StepAdjustments: [{MetricIntervalLowerBound: 0, ScalingAdjustment: 0}, {MetricIntervalLowerBound: 50, ScalingAdjustment: 4}",
			target, "first step is at 51", false},
		edit{"a program that sets the count is a way back", wake, mayCall("ecs:UpdateService"), "", "", false},
		edit{"a program that may only look is none", wake, mayCall("ecs:DescribeServices"), target, "only target tracking", false},
	)
	judge(t, "leaves-zero", `
Workers:
  Resources:
    Target: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {MinCapacity: 0, ResourceId: service/a/b}}
    Policy:
      Type: AWS::ApplicationAutoScaling::ScalingPolicy
      Properties:
        ResourceId: service/a/b
        TargetTrackingScalingPolicyConfiguration: {TargetValue: 0.5, CustomizedMetricSpecification: {Namespace: AWS/SQS, MetricName: ApproximateNumberOfMessagesVisible}}
`, edit{"tracking scales out only above its target", "TargetValue: 0.5", "TargetValue: 1", "Workers/Target", "a target of 1, which scales out above it", false})
}

func TestTaskEgress(t *testing.T) {
	const route, nat = "DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: {Ref: Nat}", "NatGatewayId: {Ref: Nat}"
	// With an image in ECR and without a route there is one finding a task and one a group.
	private := replace(t, fleet, `Image: "vllm/vllm-openai:v1"`, `Image: "1.dkr.ecr.us-east-1.amazonaws.com/vllm:1"`)
	withEndpoints := replace(t, replace(t, private, route, "DestinationCidrBlock: 10.0.0.0/8"), "    Nat: {Type: AWS::EC2::NatGateway}\n", endpoints)
	judge(t, "task-egress", fleet,
		edit{"a public address on EC2 is found", "AssignPublicIp: DISABLED", "AssignPublicIp: ENABLED", "Workers/Analyser/Spot/Service", "AssignPublicIp ENABLED on EC2", false},
	)
	judge(t, "task-egress", replace(t, private, "VPCZoneIdentifier", "Zones"),
		edit{"a public subnet is no way out for a task", nat, "GatewayId: igw-1", "Workers/Analyser/Spot/Service", "without endpoints for s3, sqs", false})
	judge(t, "task-egress", withEndpoints,
		edit{"a missing endpoint of the task is found", "us-east-1.sqs", "us-east-1.sns", "Workers/Analyser/Spot/Service", "without endpoints for sqs", false},
		edit{"a missing endpoint of the instance is found", "us-east-1.ecs-agent", "us-east-1.sns", "Compute/SpotGroup", "without endpoints for ecs-agent", false},
		edit{"an endpoint without private names is none", "Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true", "Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: false", "Compute/SpotGroup", "without endpoints for ecs,", false},
		edit{"a public image without internet is found", `"1.dkr.ecr.us-east-1.amazonaws.com/vllm:1"`, `"vllm/vllm-openai:v1"`, "Workers/Analyser/Spot/Service", "image vllm/vllm-openai:v1", false},
	)
}

const endpoints = `    E1: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.ecs}}
    E2: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.ecs-agent}}
    E3: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.ecs-telemetry}}
    E4: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.ecr.api}}
    E5: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: {Fn::Join: ["", [com.amazonaws., {Ref: "AWS::Region"}, .ecr.dkr]]}}}
    E6: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.logs}}
    E7: {Type: AWS::EC2::VPCEndpoint, Properties: {PrivateDnsEnabled: true, VpcEndpointType: Interface, VpcId: {Ref: Vpc}, ServiceName: com.amazonaws.us-east-1.sqs}}
    E8: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Gateway, VpcId: {Ref: Vpc}, RouteTableIds: [{Ref: Table}], ServiceName: com.amazonaws.us-east-1.s3}}
`
