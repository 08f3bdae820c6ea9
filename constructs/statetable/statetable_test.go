package statetable_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/statetable"
	"tandem/runtime/settings"
)

func TestTheTableHasTheKeysAndIndexesThatProgramsRead(t *testing.T) {
	stack := constructstest.Stack(t)
	statetable.New(stack, "State", &statetable.Props{})

	table := constructstest.Template(t, stack).One(t, "AWS::DynamoDB::Table")

	require.Equal(t, settings.TablePartitionKey, constructstest.At(t, table.Properties, "KeySchema", 0, "AttributeName"))
	require.Equal(t, settings.TableSortKey, constructstest.At(t, table.Properties, "KeySchema", 1, "AttributeName"))
	require.Equal(t, settings.TableTTL, constructstest.At(t, table.Properties, "TimeToLiveSpecification", "AttributeName"))
	for i, index := range settings.TableIndexes() {
		require.Equal(t, index.Name, constructstest.At(t, table.Properties, "GlobalSecondaryIndexes", i, "IndexName"))
		require.Equal(t, "KEYS_ONLY", constructstest.At(t, table.Properties, "GlobalSecondaryIndexes", i, "Projection", "ProjectionType"))
	}
}

func TestATableIsKeptUnlessToldOtherwise(t *testing.T) {
	for name, test := range map[string]struct {
		props *statetable.Props
		want  string
	}{
		"kept by default":   {&statetable.Props{}, "Retain"},
		"deleted when told": {&statetable.Props{RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, "Delete"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := constructstest.Stack(t)
			statetable.New(stack, "State", test.props)
			require.Equal(t, test.want, constructstest.Template(t, stack).One(t, "AWS::DynamoDB::Table").DeletionPolicy)
		})
	}
}

func TestProtectionBackupsAndKeyReachTheTable(t *testing.T) {
	stack := constructstest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	statetable.New(stack, "State", &statetable.Props{DeletionProtection: true, PointInTimeRecovery: true, Key: key})
	constructstest.Nag(stack)

	template := constructstest.Template(t, stack)
	table := template.One(t, "AWS::DynamoDB::Table")
	require.Equal(t, true, table.Properties["DeletionProtectionEnabled"])
	require.Equal(t, true, constructstest.At(t, table.Properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"))
	require.Equal(t, "KMS", constructstest.At(t, table.Properties, "SSESpecification", "SSEType"))
	constructstest.RequireNoFindings(t, stack)
}

func TestGrantsNameTheTableAndExactActions(t *testing.T) {
	for name, test := range map[string]struct {
		grant func(*statetable.StateTable, awsiam.IGrantable)
		want  []string
		never []string
	}{
		"jobs": {
			func(s *statetable.StateTable, g awsiam.IGrantable) { s.GrantJobs(g) },
			[]string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"},
			[]string{"dynamodb:Scan", "dynamodb:*", "BatchWriteItem", `"*"`},
		},
		"keys": {
			func(s *statetable.StateTable, g awsiam.IGrantable) { s.GrantKeys(g) },
			[]string{"dynamodb:GetItem"},
			[]string{"PutItem", "UpdateItem", "Query", `"*"`, "/index/"},
		},
		"semaphore": {
			func(s *statetable.StateTable, g awsiam.IGrantable) { s.GrantSemaphore(g, "agent#cluster") },
			[]string{"dynamodb:GetItem", "dynamodb:UpdateItem", `"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["agent#cluster"]}`},
			[]string{"PutItem", "Query", `"*"`},
		},
		"read": {
			func(s *statetable.StateTable, g awsiam.IGrantable) { s.GrantRead(g) },
			[]string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"},
			[]string{"PutItem", "UpdateItem", `"*"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := constructstest.Stack(t)
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
			test.grant(statetable.New(stack, "State", &statetable.Props{}), role)

			policy := constructstest.Text(t, constructstest.Template(t, stack).One(t, "AWS::IAM::Policy").Properties["PolicyDocument"])
			for _, action := range test.want {
				require.Contains(t, policy, action)
			}
			for _, action := range test.never {
				require.NotContains(t, policy, action)
			}
		})
	}
}
