package observability

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// Observability is the dashboards, alarms and budget of one environment.
type Observability struct {
	construct constructs.Construct
	topic     awssns.Topic
	// tell is the topic as an action; nil without one.
	tell   awscloudwatch.IAlarmAction
	alarms []awscloudwatch.Alarm
}

// New creates what the props ask for.
func New(scope constructs.Construct, id string, props *Props) *Observability {
	o := &Observability{construct: constructs.NewConstruct(scope, &id)}
	if props.Alarms && props.Email != "" {
		o.topic = newTopic(o.construct, props)
		o.tell = awscloudwatchactions.NewSnsAction(o.topic)
	}
	halfADay := awscdk.Duration_Hours(jsii.Number(12))
	for _, tier := range props.Tiers {
		o.addTier(tier, props, halfADay)
	}
	if props.Budget != nil {
		addBudget(o.construct, props.Budget)
	}
	return o
}

func newTopic(scope constructs.Construct, props *Props) awssns.Topic {
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
		EnforceSSL: jsii.Bool(true),
		MasterKey:  props.Key,
	})
	// The policy that refuses plain HTTP replaces the one that let CloudWatch in.
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AlarmsMayPublish"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()}},
	}))
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&props.Email, nil))
	if props.Key == nil {
		const reason = "Messages are alarm names and thresholds; a key of its own would have to let CloudWatch in and hide nothing."
		accepted.OnResource(topic, accepted.Finding{Rule: "AwsSolutions-SNS2", Reason: reason}, accepted.Finding{Rule: "CKV_AWS_26", Reason: reason})
	}
	return topic
}

func (o *Observability) addTier(tier Tier, props *Props, halfADay awscdk.Duration) {
	scope := constructs.NewConstruct(o.construct, &tier.ID)
	var alarms []interfacesawscloudwatch.IAlarmRef
	if props.Alarms {
		for _, alarm := range tier.Alarms {
			alarms = append(alarms, o.addAlarm(scope, alarm))
		}
	}
	if props.Dashboards && len(tier.Graphs) > 0 {
		addDashboard(scope, tier, alarms, halfADay)
	}
}

func (o *Observability) addAlarm(scope constructs.Construct, alarm Alarm) awscloudwatch.Alarm {
	periods, missing := alarm.Periods, awscloudwatch.TreatMissingData_NOT_BREACHING
	if periods == 0 {
		periods = 1
	}
	if alarm.MissingIsBad {
		missing = awscloudwatch.TreatMissingData_BREACHING
	}
	created := awscloudwatch.NewAlarm(scope, &alarm.ID, &awscloudwatch.AlarmProps{
		AlarmDescription:   &alarm.Description,
		Metric:             alarm.Metric,
		Threshold:          &alarm.Above,
		EvaluationPeriods:  &periods,
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		TreatMissingData:   missing,
	})
	if o.tell != nil {
		created.AddAlarmAction(o.tell)
		created.AddOkAction(o.tell)
	}
	o.alarms = append(o.alarms, created)
	return created
}

// graphsInARow of a dashboard that is 24 units wide.
const graphsInARow = 3

func addDashboard(scope constructs.Construct, tier Tier, alarms []interfacesawscloudwatch.IAlarmRef, halfADay awscdk.Duration) {
	var rows []*[]awscloudwatch.IWidget
	add := func(row ...awscloudwatch.IWidget) { rows = append(rows, &row) }
	if len(alarms) > 0 {
		add(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
			Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(24), Height: jsii.Number(3),
		}))
	}
	var row []awscloudwatch.IWidget
	for i, graph := range tier.Graphs {
		row = append(row, awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
			Title: &graph.Title, Left: &graph.Metrics, Right: &graph.Right,
			Width: jsii.Number(24 / graphsInARow), Height: jsii.Number(6),
		}))
		if len(row) == graphsInARow || i == len(tier.Graphs)-1 {
			add(row...)
			row = nil
		}
	}
	for _, table := range tier.Tables {
		add(awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
			Title: &table.Title, LogGroupNames: &[]*string{table.LogGroup.LogGroupName()}, QueryLines: jsii.Strings(table.Query...),
			View: awscloudwatch.LogQueryVisualizationType_TABLE, Width: jsii.Number(24), Height: jsii.Number(8),
		}))
	}
	awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DefaultInterval: halfADay, Widgets: &rows,
	})
}

// Construct is the scope that holds everything.
func (o *Observability) Construct() constructs.Construct { return o.construct }

// Topic is where alarms are sent, or nil where nobody is told.
func (o *Observability) Topic() awssns.ITopic {
	if o.topic == nil {
		return nil
	}
	return o.topic
}

// Alarms are all alarms, in the order of the tiers.
func (o *Observability) Alarms() []awscloudwatch.Alarm { return o.alarms }
