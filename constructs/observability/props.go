package observability

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// Props of an [Observability].
type Props struct {
	// Tiers that are watched.
	//
	// Required.
	Tiers []Tier
	// Dashboards are drawn, one a tier (3 USD a month each beyond the third,
	// https://aws.amazon.com/cloudwatch/pricing, 2026-11-24).
	//
	// Default: false.
	Dashboards bool
	// Alarms are raised (0.10 USD a month each).
	//
	// Default: false.
	Alarms bool
	// Email that alarms are sent to.
	//
	// Default: - alarms are only shown.
	Email string
	// Key encrypts the topic; its policy must let CloudWatch use it.
	//
	// Default: - the topic holds what CloudWatch shows anyway, unencrypted at rest.
	Key awskms.IKey
	// Budget is the monthly limit.
	//
	// Default: - none.
	Budget *Budget
}

// Tier is what is known of one tier.
type Tier struct {
	// ID is the tier's construct id, such as Jobs.
	//
	// Required.
	ID string
	// Graphs of the dashboard, three to a row.
	//
	// Default: - none.
	Graphs []Graph
	// Tables below the graphs, from logs.
	//
	// Default: - none.
	Tables []Table
	// Alarms of the tier.
	//
	// Default: - none.
	Alarms []Alarm
}

// Table is what a query of CloudWatch Logs Insights finds. It is asked, and
// paid for by what it reads (0.005 USD a GB,
// https://aws.amazon.com/cloudwatch/pricing, 2026-11-24), when somebody looks.
type Table struct {
	// Title says what is to be seen.
	//
	// Required.
	Title string
	// LogGroup that is read.
	//
	// Required.
	LogGroup awslogs.ILogGroup
	// Query is a line for each of its commands.
	//
	// Required.
	Query []string
}

// Graph is one picture on a dashboard.
type Graph struct {
	// Title says what is to be seen.
	//
	// Required.
	Title string
	// Metrics on the left axis.
	//
	// Required.
	Metrics []awscloudwatch.IMetric
	// Right are metrics of another unit.
	//
	// Default: - none.
	Right []awscloudwatch.IMetric
}

// Alarm says when somebody should look.
type Alarm struct {
	// ID is the alarm's construct id.
	//
	// Required.
	ID string
	// Description says what is wrong and what to do next.
	//
	// Required.
	Description string
	// Metric that is watched.
	//
	// Required.
	Metric awscloudwatch.IMetric
	// Above this value the metric is alarming.
	//
	// Default: 0.
	Above float64
	// Periods that the metric must stay there.
	//
	// Default: 1.
	Periods float64
	// MissingIsBad raises the alarm when nothing reports.
	//
	// Default: false.
	MissingIsBad bool
}

// Budget is a monthly limit and who is told.
type Budget struct {
	// MonthlyUSD is the limit, in US dollars.
	//
	// Required.
	MonthlyUSD float64
	// AlertsAt are percentages of the limit; the last is also checked against the forecast.
	//
	// Required.
	AlertsAt []float64
	// Email that is told.
	//
	// Required.
	Email string
	// Tags that a resource's cost must carry to count. They are cost allocation
	// tags once they are activated in the billing console.
	//
	// Default: - the whole account.
	Tags map[string]string
}

// Minute is the period of alarms, the finest that AWS services report without extra cost.
func Minute() awscdk.Duration {
	one := 1.0
	return awscdk.Duration_Minutes(&one)
}
