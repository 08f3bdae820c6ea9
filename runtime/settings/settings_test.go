package settings_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/settings"
)

func TestEncodedSettingsAreReadBackUnchanged(t *testing.T) {
	queues := settings.Queues{Base: "https://sqs.test/1/", Workers: map[string]map[string]string{"w": {"high": "w-high"}}}
	state := settings.State{Table: "table", Bucket: "bucket"}
	log := settings.Log{Level: "debug"}
	release := settings.Release{Application: "tandem", Environment: "dev"}

	t.Run("jobs api", func(t *testing.T) {
		roundTrip(t, settings.JobsAPI{State: state, Log: log, Release: release, Queues: queues,
			CapacityFunction: "wake", Auth: "iam", TenantRate: 1, TenantBurst: 2, Timeout: time.Minute, KeepJobs: time.Hour})
	})
	t.Run("models API", func(t *testing.T) {
		openai := settings.Route{Name: "openai", Type: "openai", Secret: "s", Concurrency: 5}
		small, large := openai, openai
		small.Model, large.Model = "small", "large"
		own := settings.Route{Name: "openai", Type: "service", Model: "llama", BaseURL: "http://10.0.0.1", ColdStart: 300}
		roundTrip(t, settings.ModelsAPI{State: state, Log: log, Release: release, Queues: queues, CapacityFunction: "wake",
			Auth: "jwt", WakeFunction: "w", TenantRate: 1, TenantBurst: 2, Timeout: time.Minute, KeepJobs: time.Hour,
			Models: settings.Routes{"a": {Routes: []settings.Route{large, own}, Overflow: "w"}, "b": {Routes: []settings.Route{small}}}})
	})
	t.Run("worker", func(t *testing.T) {
		roundTrip(t, settings.Worker{State: state, Log: log, Release: release, Name: "w", Queues: queues,
			Priorities: "high", Mode: "exec", Endpoint: "http://127.0.0.1:1", Command: `["a"]`, Concurrency: 3,
			Timeout: time.Hour, StopTimeout: time.Second, MaxAttempts: 2, MaxInterruptions: 4, DeployDrain: time.Minute,
			KeepJobs: time.Hour, PollWait: time.Second, LocalAddress: "127.0.0.1:2", MetricsAddress: ":3", NodeStatusFile: "/x", TaskProtection: true})
	})
	t.Run("warm", func(t *testing.T) {
		roundTrip(t, settings.Warm{Log: log, Endpoint: "http://127.0.0.1:1", HealthPath: "/h", Path: "/p", Body: "{}", Timeout: time.Second, Address: ":2"})
	})
	t.Run("wake", func(t *testing.T) {
		roundTrip(t, settings.Wake{Log: log, Sleepers: settings.Sleepers{"llama": {Cluster: "c", Service: "s", Group: "g"}}})
	})
	t.Run("capacity", func(t *testing.T) {
		roundTrip(t, settings.Capacity{State: state, Log: log, Release: release, Cluster: "c", Queues: queues, FleetFile: "f",
			FleetNames: settings.FleetNames{Workers: map[string][2]string{"w": {"s", ""}}, Groups: map[string][2]string{"g": {"a", "b"}}}})
	})
}

func roundTrip[T any](t *testing.T, want T) {
	t.Helper()
	var environ []string
	for name, value := range settings.Encode(want) {
		environ = append(environ, name+"="+value)
	}
	got, err := settings.Load[T](environ)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestEveryProgramNamesEachMissingVariable(t *testing.T) {
	_, err := settings.Load[settings.JobsAPI](nil)
	require.ErrorContains(t, err, "TANDEM_STATE_TABLE")
	require.ErrorContains(t, err, "TANDEM_DATA_BUCKET")
	require.ErrorContains(t, err, "TANDEM_QUEUES")
}

func TestDefaultsHoldWhereTheConstructSetNothing(t *testing.T) {
	got, err := settings.Load[settings.Agent](nil)
	require.NoError(t, err)
	require.Equal(t, "observe", got.Mode)
	require.Equal(t, ":9400", got.Address)
}

func TestOneVariableNameMeansOneThing(t *testing.T) {
	fields := map[string]reflect.StructField{}
	for _, program := range []any{settings.JobsAPI{}, settings.Authorizer{}, settings.Sweeper{}, settings.Webhooks{},
		settings.ModelsAPI{}, settings.Documents{}, settings.Worker{}, settings.Fetch{}, settings.Capacity{},
		settings.EmptyGroups{}, settings.Agent{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(program)) {
			if field.Anonymous {
				continue
			}
			name := field.Tag.Get("env")
			require.NotEmpty(t, name, "%T.%s", program, field.Name)
			if known, found := fields[name]; found {
				require.Equal(t, known.Type, field.Type, "%s is read as two types", name)
			}
			fields[name] = field
		}
	}
}

func TestAFleetIsTheSameAfterItsNamesTravelledApart(t *testing.T) {
	fleet := settings.Fleet{
		Workers: map[string]settings.FleetWorker{"w": {Spot: "s", Group: "g", GPUs: 1, Slots: 2, Maximum: 3,
			Schedule: []settings.FleetWindow{{From: "08:00", To: "18:00", Minimum: 1}}}},
		Groups:      map[string]settings.FleetGroup{"g": {Spot: "a", OnDemand: "b", GPUs: 1, SpotMaximum: 2}},
		MaximumGPUs: 7,
	}
	names, file := fleet.Split()
	require.NotContains(t, string(file), `"a"`)
	joined, err := names.Join(file)
	require.NoError(t, err)
	require.Equal(t, fleet, joined)
}

func TestFortyModelsFitIntoTheVariablesOfAFunction(t *testing.T) {
	routes := settings.Routes{}
	for i := range 40 {
		routes[fmt.Sprintf("model-%02d", i)] = settings.ModelRoutes{Routes: []settings.Route{
			{Name: "openai", Type: "openai", Secret: "tandem/openai", Model: "gpt-5-mini"},
			{Name: "anthropic", Type: "anthropic", Secret: "tandem/anthropic", Model: "claude-sonnet-4-5"},
		}}
	}
	raw, err := routes.MarshalText()
	require.NoError(t, err)
	require.Less(t, len(raw), 3600)
}

func TestRoutesThatLeadNowhereAreAnError(t *testing.T) {
	var routes settings.Routes
	require.ErrorContains(t, routes.UnmarshalText([]byte(`{"models": {"a": {"routes": [{"at": 1}]}}}`)), "place 1 of 0")
}
