// Package statetable is the one DynamoDB table that holds jobs, what belongs
// to them, and API keys. Its keys and indexes are those of runtime/settings;
// what the items mean is told in runtime/jobs/dynamostore.
package statetable

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/runtime/settings"
)

// Props of a [StateTable].
type Props struct {
	// RemovalPolicy when the stack is deleted.
	//
	// Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// DeletionProtection refuses to delete the table, by whomever.
	//
	// Default: false.
	DeletionProtection bool
	// PointInTimeRecovery keeps 35 days of continuous backups.
	//
	// Default: false.
	PointInTimeRecovery bool
	// Key encrypts the table.
	//
	// Default: - a key that AWS owns.
	Key awskms.IKey
}

// StateTable is where jobs and keys are kept.
type StateTable struct {
	construct constructs.Construct
	table     awsdynamodb.Table
	arn       string
	key       awskms.IKey
}

// New creates the table, billed by request.
func New(scope constructs.Construct, id string, props *Props) *StateTable {
	this := constructs.NewConstruct(scope, &id)
	table := awsdynamodb.NewTable(this, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        attribute(settings.TablePartitionKey, false),
		SortKey:             attribute(settings.TableSortKey, false),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		TimeToLiveAttribute: jsii.String(settings.TableTTL),
		RemovalPolicy:       removal(props.RemovalPolicy),
		DeletionProtection:  jsii.Bool(props.DeletionProtection),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(props.PointInTimeRecovery),
		},
		Encryption:    encryption(props.Key),
		EncryptionKey: props.Key,
	})
	for _, index := range settings.TableIndexes() {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      jsii.String(index.Name),
			PartitionKey:   attribute(index.PartitionKey, false),
			SortKey:        attribute(index.SortKey, index.SortKeyNumber),
			ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
		})
	}
	accept(table, props)
	return &StateTable{construct: this, table: table, arn: *table.TableArn(), key: props.Key}
}

func accept(table awsdynamodb.Table, props *Props) {
	var findings []accepted.Finding
	if props.Key == nil {
		findings = append(findings, accepted.Finding{Rule: "CKV_AWS_119",
			Reason: "Encrypted with a key that AWS owns; state.customerKey makes it one of your own."})
	}
	if !props.PointInTimeRecovery {
		const reason = "A short-lived environment: what is in the table can be made again. state.pointInTimeRecovery turns backups on."
		findings = append(findings, accepted.Finding{Rule: "AwsSolutions-DDB3", Reason: reason}, accepted.Finding{Rule: "CKV_AWS_28", Reason: reason})
	}
	if len(findings) > 0 {
		accepted.OnResource(table, findings...)
	}
}

// Construct is the scope that holds the table.
func (s *StateTable) Construct() constructs.Construct { return s.construct }

// Table is the DynamoDB table.
func (s *StateTable) Table() awsdynamodb.ITable { return s.table }

// GrantJobs allows what the job contract needs: dynamodb:GetItem, BatchGetItem,
// Query, PutItem, UpdateItem, DeleteItem and ConditionCheckItem on the table and
// dynamodb:Query on its indexes. No scan, no batch write, no administration.
func (s *StateTable) GrantJobs(grantee awsiam.IGrantable) awsiam.Grant {
	s.grantQuery(grantee)
	return s.grant(grantee, "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
		"dynamodb:DeleteItem", "dynamodb:ConditionCheckItem")
}

// GrantRead allows dynamodb:GetItem, BatchGetItem and Query on the table and its indexes.
func (s *StateTable) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	s.grantQuery(grantee)
	return s.grant(grantee, "dynamodb:GetItem", "dynamodb:BatchGetItem")
}

// GrantKeys allows dynamodb:GetItem alone: an authorizer looks a key up by its id.
func (s *StateTable) GrantKeys(grantee awsiam.IGrantable) awsiam.Grant {
	return s.grant(grantee, "dynamodb:GetItem")
}

// GrantSemaphore allows dynamodb:GetItem and UpdateItem on the items of one
// partition, which the health agents' breaker needs: no job is among them.
func (s *StateTable) GrantSemaphore(grantee awsiam.IGrantable, partition string) awsiam.Grant {
	if s.key != nil {
		s.key.Grant(grantee, jsii.String("kms:Decrypt"))
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("dynamodb:GetItem", "dynamodb:UpdateItem"), ResourceArns: &[]*string{&s.arn},
		Conditions: &map[string]*map[string]any{
			"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": []string{partition}},
		},
	})
}

// grant names the table alone. The table's own Grant would add all indexes, and
// its key's the star of kms:GenerateDataKey*.
func (s *StateTable) grant(grantee awsiam.IGrantable, actions ...string) awsiam.Grant {
	if s.key != nil {
		s.key.Grant(grantee, jsii.String("kms:Decrypt"))
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &[]*string{&s.arn},
	})
}

func (s *StateTable) grantQuery(grantee awsiam.IGrantable) {
	resources := []*string{&s.arn}
	for _, index := range settings.TableIndexes() {
		resources = append(resources, jsii.String(s.arn+"/index/"+index.Name))
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings("dynamodb:Query"), ResourceArns: &resources,
	})
}

// MetricThrottledRequests counts requests that the table refused.
func (s *StateTable) MetricThrottledRequests(options *awscloudwatch.MetricOptions) awscloudwatch.IMetric {
	return s.table.MetricThrottledRequestsForOperations(&awsdynamodb.OperationsMetricOptions{
		Operations: &[]awsdynamodb.Operation{awsdynamodb.Operation_PUT_ITEM, awsdynamodb.Operation_UPDATE_ITEM,
			awsdynamodb.Operation_GET_ITEM, awsdynamodb.Operation_QUERY},
		Period: options.Period,
	})
}

func attribute(name string, number bool) *awsdynamodb.Attribute {
	kind := awsdynamodb.AttributeType_STRING
	if number {
		kind = awsdynamodb.AttributeType_NUMBER
	}
	return &awsdynamodb.Attribute{Name: &name, Type: kind}
}

func encryption(key awskms.IKey) awsdynamodb.TableEncryption {
	if key != nil {
		return awsdynamodb.TableEncryption_CUSTOMER_MANAGED
	}
	return awsdynamodb.TableEncryption_DEFAULT
}

func removal(policy awscdk.RemovalPolicy) awscdk.RemovalPolicy {
	if policy == "" {
		return awscdk.RemovalPolicy_RETAIN
	}
	return policy
}
