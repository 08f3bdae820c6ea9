package observability

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// addBudget tells by mail when a share of the month's limit is spent, and when
// the forecast passes the last of them. A budget never stops anything.
func addBudget(scope constructs.Construct, budget *Budget) {
	if budget.MonthlyUSD <= 0 || budget.Email == "" || len(budget.AlertsAt) == 0 {
		panic(*scope.Node().Path() + ": observability.Budget needs MonthlyUSD, AlertsAt and Email")
	}
	var notices []any
	for _, percent := range budget.AlertsAt {
		notices = append(notices, notice("ACTUAL", percent, budget.Email))
	}
	notices = append(notices, notice("FORECASTED", slices.Max(budget.AlertsAt), budget.Email))
	awsbudgets.NewCfnBudget(scope, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: &budget.MonthlyUSD, Unit: jsii.String("USD")},
			CostFilters: filters(budget.Tags),
		},
		NotificationsWithSubscribers: &notices,
	})
}

func notice(kind string, percent float64, email string) *awsbudgets.CfnBudget_NotificationWithSubscribersProperty {
	return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
		Notification: &awsbudgets.CfnBudget_NotificationProperty{
			NotificationType:   &kind,
			ComparisonOperator: jsii.String("GREATER_THAN"),
			Threshold:          &percent,
			ThresholdType:      jsii.String("PERCENTAGE"),
		},
		Subscribers: &[]any{&awsbudgets.CfnBudget_SubscriberProperty{Address: &email, SubscriptionType: jsii.String("EMAIL")}},
	}
}

// filters are written as user:key$value
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-budgets-budget-budgetdata.html, 2026-11-24).
func filters(tags map[string]string) any {
	if len(tags) == 0 {
		return nil
	}
	var values []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		values = append(values, "user:"+key+"$"+tags[key])
	}
	return map[string]any{"TagKeyValue": values}
}
