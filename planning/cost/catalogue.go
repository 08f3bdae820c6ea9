package cost

// entry says how a resource type is priced: by a function, or by the reason
// why it is free.
type entry struct {
	price func(*estimator, *Resource) []Item
	free  string
}

func priced(price func(*estimator, *Resource) []Item) entry { return entry{price: price} }

func free(reason string) entry { return entry{free: reason} }

// catalogue lists every resource type that is known. Reasons are facts of
// AWS's price pages, 2026-11-24.
func catalogue() map[string]entry {
	const (
		iam     = "IAM is free"
		vpc     = "parts of a VPC are free; what leaves it is billed at the gateway"
		gateway = "API Gateway bills requests, at the stage"
		policy  = "a policy of something that is billed itself"
		scaling = "scaling is free; its alarms and what it starts are not"
		ecs     = "ECS on EC2 is free; the instances are billed at their group"
	)
	return map[string]entry{
		"AWS::ApiGateway::Account":                         free(gateway),
		"AWS::ApiGateway::Authorizer":                      free(gateway),
		"AWS::ApiGateway::BasePathMapping":                 free(gateway),
		"AWS::ApiGateway::Deployment":                      free(gateway),
		"AWS::ApiGateway::DomainName":                      free(gateway),
		"AWS::ApiGateway::GatewayResponse":                 free(gateway),
		"AWS::ApiGateway::Method":                          free(gateway),
		"AWS::ApiGateway::Resource":                        free(gateway),
		"AWS::ApiGateway::RestApi":                         free(gateway),
		"AWS::ApiGateway::Stage":                           priced(apiStage),
		"AWS::ApplicationAutoScaling::ScalableTarget":      free(scaling),
		"AWS::ApplicationAutoScaling::ScalingPolicy":       free(scaling),
		"AWS::AutoScaling::AutoScalingGroup":               priced(autoScalingGroup),
		"AWS::AutoScaling::LifecycleHook":                  free(scaling),
		"AWS::Budgets::Budget":                             free("a budget without actions is free"),
		"AWS::CDK::Metadata":                               free("it is no resource of AWS's"),
		"AWS::CloudWatch::Alarm":                           priced(alarm),
		"AWS::CloudWatch::CompositeAlarm":                  priced(compositeAlarm),
		"AWS::CloudWatch::Dashboard":                       priced(dashboard),
		"AWS::DynamoDB::Table":                             priced(table),
		"AWS::EC2::EIP":                                    priced(address),
		"AWS::EC2::FlowLog":                                free("flow logs are billed as what their log group takes in"),
		"AWS::EC2::Instance":                               priced(instance),
		"AWS::EC2::InternetGateway":                        free(vpc),
		"AWS::EC2::LaunchTemplate":                         free("what it launches is billed at the group"),
		"AWS::EC2::NatGateway":                             priced(natGateway),
		"AWS::EC2::Route":                                  free(vpc),
		"AWS::EC2::RouteTable":                             free(vpc),
		"AWS::EC2::SecurityGroup":                          free(vpc),
		"AWS::EC2::SecurityGroupEgress":                    free(vpc),
		"AWS::EC2::SecurityGroupIngress":                   free(vpc),
		"AWS::EC2::Subnet":                                 free(vpc),
		"AWS::EC2::SubnetRouteTableAssociation":            free(vpc),
		"AWS::EC2::VPC":                                    free(vpc),
		"AWS::EC2::VPCEndpoint":                            priced(endpoint),
		"AWS::EC2::VPCGatewayAttachment":                   free(vpc),
		"AWS::ECR::Repository":                             priced(repository),
		"AWS::ECS::CapacityProvider":                       free(ecs),
		"AWS::ECS::Cluster":                                priced(cluster),
		"AWS::ECS::ClusterCapacityProviderAssociations":    free(ecs),
		"AWS::ECS::Service":                                priced(service),
		"AWS::ECS::TaskDefinition":                         free(ecs),
		"AWS::ElasticLoadBalancingV2::Listener":            free("billed with its load balancer"),
		"AWS::ElasticLoadBalancingV2::LoadBalancer":        priced(loadBalancer),
		"AWS::ElasticLoadBalancingV2::TargetGroup":         free("billed with its load balancer"),
		"AWS::Events::Rule":                                free("events of AWS's own services and schedules of rules are free"),
		"AWS::IAM::InstanceProfile":                        free(iam),
		"AWS::IAM::ManagedPolicy":                          free(iam),
		"AWS::IAM::Policy":                                 free(iam),
		"AWS::IAM::Role":                                   free(iam),
		"AWS::KMS::Alias":                                  free("billed with its key"),
		"AWS::KMS::Key":                                    priced(customerKey),
		"AWS::Lambda::EventSourceMapping":                  priced(queuePolling),
		"AWS::Lambda::Function":                            priced(function),
		"AWS::Lambda::Permission":                          free(policy),
		"AWS::Lambda::Url":                                 free("billed with its function"),
		"AWS::Logs::LogGroup":                              priced(logGroup),
		"AWS::Logs::MetricFilter":                          priced(metricFilter),
		"AWS::Route53::RecordSet":                          free("alias records to AWS's own resources are free"),
		"AWS::S3::Bucket":                                  priced(bucket),
		"AWS::S3::BucketPolicy":                            free(policy),
		"AWS::SecretsManager::ResourcePolicy":              free(policy),
		"AWS::SecretsManager::Secret":                      priced(secret),
		"AWS::SNS::Subscription":                           free("billed by delivery, at the topic"),
		"AWS::SNS::Topic":                                  priced(topic),
		"AWS::SNS::TopicPolicy":                            free(policy),
		"AWS::SQS::Queue":                                  priced(queue),
		"AWS::SQS::QueuePolicy":                            free(policy),
		"AWS::WAFv2::WebACL":                               priced(firewall),
		"AWS::WAFv2::WebACLAssociation":                    free("billed with its web ACL"),
		"Custom::EmptyAutoScalingGroups":                   free("its function runs when the stack is deleted"),
		"Custom::S3AutoDeleteObjects":                      free("its function runs when the stack is deleted"),
		"AWS::CloudFormation::CustomResource":              free("its function runs at deployments"),
		"AWS::CloudFormation::WaitCondition":               free("it is no resource of AWS's"),
		"AWS::CloudFormation::WaitConditionHandle":         free("it is no resource of AWS's"),
		"AWS::ElasticLoadBalancingV2::ListenerCertificate": free("billed with its load balancer"),
		"AWS::ElasticLoadBalancingV2::ListenerRule":        free("billed with its load balancer"),
	}
}
