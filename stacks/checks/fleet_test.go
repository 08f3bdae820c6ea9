package checks_test

// fleet is a cluster with a spot and an on-demand group, a worker on both, a
// model service and an agent, as the stacks deploy them: everything is right.
const fleet = `
Network:
  Name: tandem-prod-network
  Resources:
    Vpc: {Type: AWS::EC2::VPC}
    Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: {Ref: Vpc}}}
    Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: {Ref: Vpc}}}
    Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: {Ref: Subnet}, RouteTableId: {Ref: Table}}}
    Nat: {Type: AWS::EC2::NatGateway}
    Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: {Ref: Table}, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: {Ref: Nat}}}
  Outputs:
    SubnetId: {Value: {Ref: Subnet}}
Compute:
  Name: tandem-prod-compute
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    SpotTemplate:
      Type: AWS::EC2::LaunchTemplate
      Properties:
        LaunchTemplateData:
          MetadataOptions: {HttpTokens: required}
          BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeType: gp3, Throughput: 500}}]
          TagSpecifications: [{ResourceType: volume, Tags: &tags [{Key: application, Value: a}, {Key: environment, Value: e}, {Key: tier, Value: jobs}]}]
          UserData:
            Fn::Base64:
              Fn::Join:
                - ""
                - - "#!/bin/bash\ncat >> /etc/ecs/ecs.config <<'END'\nECS_CLUSTER="
                  - {Ref: Cluster}
                  - "\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\nECS_AWSVPC_BLOCK_IMDS=true # tasks\nEND\n"
    SpotGroup:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MinSize: "0"
        MaxSize: "10"
        CapacityRebalance: false
        NewInstancesProtectedFromScaleIn: true
        VPCZoneIdentifier: [{Fn::GetStackOutput: {StackName: tandem-prod-network, OutputName: SubnetId}}]
        Tags: &spread [{Key: application, Value: a, PropagateAtLaunch: true}, {Key: environment, Value: e, PropagateAtLaunch: true}, {Key: tier, Value: jobs, PropagateAtLaunch: true}]
        MixedInstancesPolicy:
          InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 0}
          LaunchTemplate:
            LaunchTemplateSpecification: {LaunchTemplateId: {Ref: SpotTemplate}, Version: {Fn::GetAtt: [SpotTemplate, LatestVersionNumber]}}
            Overrides: [{InstanceType: g6.xlarge}, {InstanceType: g5.xlarge}, {InstanceType: g4dn.xlarge}]
    SpotProvider:
      Type: AWS::ECS::CapacityProvider
      Properties:
        AutoScalingGroupProvider:
          AutoScalingGroupArn: {Ref: SpotGroup}
          ManagedScaling: {Status: ENABLED}
          ManagedTerminationProtection: DISABLED
    OnDemandTemplate:
      Type: AWS::EC2::LaunchTemplate
      Properties:
        LaunchTemplateData:
          MetadataOptions: {HttpTokens: required}
          TagSpecifications: [{ResourceType: volume, Tags: *tags}]
          UserData: {Fn::Base64: {Fn::Sub: "#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config; echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config"}}
    OnDemandGroup:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MinSize: "0"
        MaxSize: "2"
        Tags: *spread
        MixedInstancesPolicy:
          InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 100}
          LaunchTemplate:
            LaunchTemplateSpecification: {LaunchTemplateId: {Ref: OnDemandTemplate}}
            Overrides: [{InstanceType: g5.xlarge}]
    OnDemandProvider:
      Type: AWS::ECS::CapacityProvider
      Properties:
        Name: on-demand
        AutoScalingGroupProvider: {AutoScalingGroupArn: {Ref: OnDemandGroup}, ManagedTerminationProtection: DISABLED}
    Associations:
      Type: AWS::ECS::ClusterCapacityProviderAssociations
      Properties: {Cluster: {Ref: Cluster}, CapacityProviders: [{Ref: SpotProvider}, {Ref: OnDemandProvider}, FARGATE]}
    Empty:
      Type: Custom::EmptyAutoScalingGroups
      Properties: {ServiceToken: "arn", AutoScalingGroups: [{Ref: SpotGroup}, {Ref: OnDemandGroup}]}
    AgentTask:
      Type: AWS::ECS::TaskDefinition
      Properties: {NetworkMode: host, ContainerDefinitions: [{Name: agent, Memory: 128, Cpu: 128, StopTimeout: 30}]}
    Agent:
      Type: AWS::ECS::Service
      Properties: {Cluster: {Ref: Cluster}, LaunchType: EC2, SchedulingStrategy: DAEMON, TaskDefinition: {Ref: AgentTask}}
  Outputs:
    ClusterArn: {Value: {Fn::GetAtt: [Cluster, Arn]}}
    SpotProviderName: {Value: {Ref: SpotProvider}}
Workers:
  Resources:
    Task:
      Type: AWS::ECS::TaskDefinition
      Metadata: {"aws:cdk:path": Workers/Analyser/Task/Resource}
      Properties:
        NetworkMode: awsvpc
        RequiresCompatibilities: [EC2]
        TaskRoleArn: {Fn::GetAtt: [TaskRole, Arn]}
        ContainerDefinitions:
          - {Name: model, Image: "vllm/vllm-openai:v1", Memory: 14000, Cpu: 3000, StopTimeout: 20, ResourceRequirements: [{Type: GPU, Value: "1"}]}
          - Name: worker
            Image: {Fn::Sub: "${AWS::AccountId}.dkr.ecr.us-east-1.amazonaws.com/worker:1"}
            Memory: 512
            MemoryReservation: 256
            StopTimeout: 90
            Environment: [{Name: TANDEM_WORKER_NAME, Value: document-analyser}]
            DependsOn: [{ContainerName: model, Condition: START}, {ContainerName: fetch, Condition: SUCCESS}]
          - {Name: fetch, Memory: 10}
    TaskRole: {Type: AWS::IAM::Role}
    TaskPolicy:
      Type: AWS::IAM::Policy
      Properties:
        Roles: [{Ref: TaskRole}]
        PolicyDocument: {Statement: {Effect: Allow, Action: [sqs:ReceiveMessage, s3:GetObject], Resource: {Ref: Task}}}
    Spot:
      Type: AWS::ECS::Service
      Metadata: {"aws:cdk:path": Workers/Analyser/Spot/Service}
      Properties:
        Cluster: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: ClusterArn}}
        CapacityProviderStrategy: [{CapacityProvider: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: SpotProviderName}}, Weight: 1}]
        DesiredCount: 0
        TaskDefinition: {Ref: Task}
        NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: DISABLED, Subnets: [{Fn::GetStackOutput: {StackName: tandem-prod-network, OutputName: SubnetId}}]}}
    OnDemand:
      Type: AWS::ECS::Service
      Properties:
        Cluster: {Fn::GetStackOutput: {StackName: tandem-prod-compute, OutputName: ClusterArn}}
        CapacityProviderStrategy: [{CapacityProvider: on-demand, Weight: 1}]
        DesiredCount: 0
        TaskDefinition: {Ref: Task}
`
