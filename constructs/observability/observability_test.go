package observability_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/observability"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

func tier() observability.Tier {
	metric := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/SQS"), MetricName: jsii.String("ApproximateAgeOfOldestMessage"), Period: observability.Minute(),
	})
	return observability.Tier{
		ID:     "Jobs",
		Graphs: []observability.Graph{{Title: "Oldest job", Metrics: []awscloudwatch.IMetric{metric}}},
		Alarms: []observability.Alarm{{ID: "Oldest", Description: "A job waits too long; look at the capacity dashboard", Metric: metric, Above: 1800, Periods: 3}},
	}
}

func TestAnAlarmSaysWhatToDoAndTellsSomebody(t *testing.T) {
	stack := constructstest.Stack(t)
	observability.New(stack, "Watch", &observability.Props{Tiers: []observability.Tier{tier()}, Alarms: true, Email: "a@example.com"})
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	alarm := template.One(t, "AWS::CloudWatch::Alarm")
	require.EqualValues(t, 1800, alarm.Properties["Threshold"])
	require.EqualValues(t, 3, alarm.Properties["EvaluationPeriods"])
	require.Equal(t, "notBreaching", alarm.Properties["TreatMissingData"])
	require.Len(t, alarm.Properties["AlarmActions"], 1)
	require.Contains(t, constructstest.Text(t, template.One(t, "AWS::SNS::TopicPolicy").Properties), "cloudwatch.amazonaws.com")
	require.Equal(t, "a@example.com", template.One(t, "AWS::SNS::Subscription").Properties["Endpoint"])
	require.Empty(t, template.All("AWS::CloudWatch::Dashboard"))
	constructstest.RequireNoFindings(t, stack)
}

func TestADashboardIsDrawnForATier(t *testing.T) {
	stack := constructstest.Stack(t)
	observability.New(stack, "Watch", &observability.Props{Tiers: []observability.Tier{tier()}, Dashboards: true})
	template := constructstest.Template(t, stack)
	require.Contains(t, constructstest.Text(t, template.One(t, "AWS::CloudWatch::Dashboard").Properties), "Oldest job")
	require.Empty(t, template.All("AWS::CloudWatch::Alarm"))
	require.Empty(t, template.All("AWS::SNS::Topic"))
}

func TestATableIsReadFromALog(t *testing.T) {
	stack := constructstest.Stack(t)
	logs := awslogs.NewLogGroup(stack, jsii.String("Log"), nil)
	tables := tier()
	tables.Tables = []observability.Table{{Title: "Decisions", LogGroup: logs, Query: []string{"fields worker, reason", "limit 5"}}}
	observability.New(stack, "Watch", &observability.Props{Tiers: []observability.Tier{tables}, Dashboards: true})
	text := constructstest.Text(t, constructstest.Template(t, stack).One(t, "AWS::CloudWatch::Dashboard").Properties)
	require.Contains(t, text, "Decisions")
	require.Contains(t, text, "fields worker, reason\\\\n| limit 5")
}

func TestTheBudgetCountsWhatCarriesTheTagsAndWarnsBeforeTheEnd(t *testing.T) {
	stack := constructstest.Stack(t)
	observability.New(stack, "Watch", &observability.Props{Budget: &observability.Budget{
		MonthlyUSD: 300, AlertsAt: []float64{50, 100}, Email: "a@example.com", Tags: map[string]string{"application": "tandem", "environment": "dev"},
	}})
	budget := constructstest.Template(t, stack).One(t, "AWS::Budgets::Budget")
	require.EqualValues(t, 300, constructstest.At(t, budget.Properties, "Budget", "BudgetLimit", "Amount"))
	require.Equal(t, []any{"user:application$tandem", "user:environment$dev"}, constructstest.At(t, budget.Properties, "Budget", "CostFilters", "TagKeyValue"))
	notices := constructstest.At(t, budget.Properties, "NotificationsWithSubscribers").([]any)
	require.Len(t, notices, 3)
	require.Equal(t, "FORECASTED", constructstest.At(t, notices, 2, "Notification", "NotificationType"))
	require.EqualValues(t, 100, constructstest.At(t, notices, 2, "Notification", "Threshold"))
}

func TestABudgetThatTellsNobodyIsRefused(t *testing.T) {
	require.PanicsWithValue(t, "Test/Watch: observability.Budget needs MonthlyUSD, AlertsAt and Email", func() {
		observability.New(constructstest.Stack(t), "Watch", &observability.Props{Budget: &observability.Budget{MonthlyUSD: 1, AlertsAt: []float64{50}}})
	})
}
