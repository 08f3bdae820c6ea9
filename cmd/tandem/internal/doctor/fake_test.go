package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/config"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

// account is an account in which all is well with the environment dev, until
// a test breaks something.
type account struct {
	id          string
	stacks      []deployed.Stack
	quotas      map[string]float64
	concurrency int
	roles       map[string]string
	key         VolumeKey
	mayUse      map[string]bool
	offered     map[string][]string
	secrets     map[string]bool
	resources   map[string][]Resource
	services    map[string]Service
	queues      map[string]Queue
	activities  map[string][]Activity
	calls       map[string][2]int
	store       *memory.Store
	err         error
}

var (
	_ AccountBefore = (*account)(nil)
	_ AccountAfter  = (*account)(nil)
)

func (a *account) Identity(context.Context) (string, string, error) {
	return a.id, "arn:aws:iam::" + a.id + ":user/anna", a.err
}

func (a *account) Stacks(_ context.Context, prefix string) (found []deployed.Stack, err error) {
	for _, stack := range a.stacks {
		if strings.HasPrefix(stack.Name, prefix) {
			found = append(found, stack)
		}
	}
	return found, a.err
}

func (a *account) Quota(_ context.Context, _, code string) (float64, error) {
	return a.quotas[code], a.err
}
func (a *account) LambdaConcurrency(context.Context) (int, error) { return a.concurrency, a.err }
func (a *account) Role(_ context.Context, name string) (string, error) {
	return a.roles[name], a.err
}
func (a *account) VolumeKey(context.Context) (VolumeKey, error) { return a.key, a.err }
func (a *account) MayUse(_ context.Context, _, role string) (bool, error) {
	return a.mayUse[role], a.err
}

func (a *account) Offerings(context.Context, []string) (map[string][]string, error) {
	return a.offered, a.err
}

func (a *account) SecretExists(_ context.Context, name string) (bool, error) {
	return a.secrets[name], a.err
}

func (a *account) Resources(_ context.Context, stack string) ([]Resource, error) {
	return a.resources[stack], a.err
}

func (a *account) Services(_ context.Context, _ string, ids []string) (found []Service, err error) {
	for _, id := range ids {
		found = append(found, a.services[id])
	}
	return found, a.err
}

func (a *account) Queue(_ context.Context, url string) (Queue, error) { return a.queues[url], a.err }

func (a *account) Activities(_ context.Context, group string) ([]Activity, error) {
	return a.activities[group], a.err
}

func (a *account) Errors(_ context.Context, function string, _ time.Time) (int, int, error) {
	return a.calls[function][0], a.calls[function][1], a.err
}

func (a *account) Finder(string) jobs.Finder { return a.store }

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func load(t *testing.T, environment string, set ...string) *config.Loaded {
	t.Helper()
	loaded, err := config.Load(config.Options{Dir: "../../../../config", Environment: environment, Set: set})
	require.NoError(t, err)
	return loaded
}

func healthy(t *testing.T) *account {
	t.Helper()
	zones := []string{"us-east-1a", "us-east-1b", "us-east-1c"}
	a := &account{
		id: "111122223333", concurrency: 1000, store: memory.NewStore(),
		stacks: []deployed.Stack{
			{Name: "CDKToolkit", Status: "UPDATE_COMPLETE", Outputs: map[string]string{"BootstrapVersion": "30"}},
			{Name: "tandem-dev-api", Status: "CREATE_COMPLETE", Outputs: map[string]string{"Url": "https://api/"}},
			{Name: "tandem-dev-compute", Status: "CREATE_COMPLETE", Outputs: map[string]string{"ClusterName": "cluster"}},
			{Name: "tandem-dev-state", Status: "CREATE_COMPLETE", Outputs: map[string]string{"StateTableName": "table", "DataBucketName": "b"}},
			{Name: "tandem-dev-workers", Status: "UPDATE_COMPLETE", Outputs: map[string]string{
				"Queues": `{"base":"https://sqs/","workers":{"document-analyser":{"high":"dh","normal":"dn","low":"dl"},"video-agent":{"normal":"vn"}}}`}},
		},
		quotas:  map[string]float64{"L-DB2E81BA": 1000, "L-3819A6DF": 1000},
		roles:   map[string]string{spotRole: "arn:spot", autoScalingRole: "arn:asg"},
		mayUse:  map[string]bool{},
		offered: map[string][]string{},
		secrets: map[string]bool{"tandem/openai": true, "tandem/anthropic": true, "tandem/maps": true},
		resources: map[string][]Resource{
			"tandem-dev-workers": {
				{"DocumentAnalyserWorkerSpotService12345678", "AWS::ECS::Service", "arn:doc-spot"},
				{"DocumentAnalyserWorkerOnDemandService12345678", "AWS::ECS::Service", "arn:doc-od"},
				{"VideoAgentWorkerSpotService12345678", "AWS::ECS::Service", "arn:video"},
				{"DocumentAnalyserNormalQueue12345678", "AWS::SQS::Queue", "https://sqs/dn"},
				{"DocumentAnalyserNormalDeadLetters12345678", "AWS::SQS::Queue", "https://sqs/dn-dead"},
				{"SweeperFunction12345678", "AWS::Lambda::Function", "sweeper"},
				{"SweeperLogs12345678", "AWS::Logs::LogGroup", "sweeper-logs"},
			},
			"tandem-dev-compute": {{"SingleSpotGroupASG12345678", "AWS::AutoScaling::AutoScalingGroup", "single-spot"}},
		},
		services: map[string]Service{"arn:doc-spot": {ID: "arn:doc-spot"}, "arn:doc-od": {ID: "arn:doc-od"}, "arn:video": {ID: "arn:video"}},
		queues: map[string]Queue{
			"https://sqs/dn":      {ARN: "arn:dn", DeadLetters: "arn:dn-dead"},
			"https://sqs/dn-dead": {ARN: "arn:dn-dead"},
		},
		activities: map[string][]Activity{},
		calls:      map[string][2]int{"sweeper": {60, 0}},
	}
	for _, group := range load(t, "dev").Config.Capacity.Groups {
		for _, kind := range group.InstanceTypes {
			a.offered[kind] = zones
		}
	}
	return a
}

// api answers for the environment dev, or fails.
type api struct {
	environment string
	err         error
}

func (a api) Health(context.Context) (string, error) { return a.environment, a.err }

func deployment(t *testing.T, a *account, set ...string) Deployment {
	t.Helper()
	found, err := deployed.Find(t.Context(), a, "tandem", "dev")
	require.NoError(t, err)
	return Deployment{Deployment: found, Config: load(t, "dev", set...).Config, API: api{environment: "dev"}, Assembly: "testdata/cdk.out", Now: now}
}

// run runs one of the checks and returns what it found, one a line.
func run(t *testing.T, checks []Check, name string) string {
	t.Helper()
	for _, check := range checks {
		if check.Name() != name {
			continue
		}
		findings, err := check.Run(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, findings)
		var lines []string
		for _, finding := range findings {
			line := string(finding.Result) + ": " + finding.Found
			if finding.Next != "" {
				line += " -> " + finding.Next
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	require.Fail(t, "there is no check "+name)
	return ""
}
