package dynamofleet_test

import (
	"crypto/rand"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetreport/dynamoreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/settings"
	"tandem/test/dynamolocal"
)

func TestMain(m *testing.M) { os.Exit(dynamolocal.Run(m)) }

// clock is a time that tests move.
type clock struct{ at time.Time }

func open(t *testing.T) (dynamofleet.Store, *clock) {
	t.Helper()
	endpoint, table := dynamolocal.Start(t), "state-"+rand.Text()
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	require.NoError(t, dynamostore.CreateTable(t.Context(), client, table))
	now := &clock{time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
	return dynamofleet.Store{Client: client, Table: table, Now: func() time.Time { return now.at }}, now
}

func TestAStateComesBackAsItWasSaved(t *testing.T) {
	store, now := open(t)
	empty, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Zero(t, empty.State)

	state := fleetstate.State{
		At:      now.at,
		Memory:  capacity.Memory{Workers: map[string]capacity.WorkerMemory{"a": {Fallback: true, SpotMissingSince: now.at, Peak: 3}}},
		Trouble: map[string][]capacity.Trouble{"g": {{Kind: capacity.Interruption, At: now.at, Spot: true, Zone: "us-east-1a", Type: "g5.xlarge"}}},
		Doomed:  map[string]time.Time{"i-1": now.at}, Workers: map[string]fleetstate.Worker{"a": {ColdStart: 240, Rate: 0.5}},
		Decision: fleetstate.Decision{Workers: map[string]fleetstate.WorkerDecision{"a": {Spot: 2, Reason: "2 waiting"}}, LookAgain: now.at},
	}
	require.NoError(t, store.Save(t.Context(), state, fleetstate.Saved{Tasks: map[string]int{"a": 2}}))
	require.NoError(t, store.SaveJobs(t.Context(), fleetstate.Jobs{At: now.at, Workers: map[string]fleetstate.WorkerJobs{
		"a": {Running: 1, Tasks: map[string]int{"": 1}, Revisions: map[int]int{7: 1}, Deadlines: []fleetstate.Deadline{{At: now.at}}}}}))
	loaded, err := store.Load(t.Context())
	require.NoError(t, err)
	state.Version = 1
	require.Equal(t, state, loaded.State)
	require.Equal(t, map[int]int{7: 1}, loaded.Jobs.Workers["a"].Revisions)
	latest, err := store.Latest(t.Context())
	require.NoError(t, err)
	require.Equal(t, state, latest)
}

func TestOfTwoRunsThatSaveOneIsRefused(t *testing.T) {
	store, _ := open(t)
	require.NoError(t, store.Save(t.Context(), fleetstate.State{}, fleetstate.Saved{}))
	require.ErrorIs(t, store.Save(t.Context(), fleetstate.State{}, fleetstate.Saved{}), fleetstate.ErrConflict)
	var won atomic.Int32
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if store.Save(t.Context(), fleetstate.State{Version: 1}, fleetstate.Saved{}) == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, won.Load())
}

func TestACountIsBelievedForAWhile(t *testing.T) {
	store, now := open(t)
	ask := func(ask func() (int, error)) int {
		count, err := ask()
		require.NoError(t, err)
		return count
	}
	tasks := func() (int, error) { return store.Tasks(t.Context(), "a") }
	require.Zero(t, ask(tasks), "nobody has said anything")
	require.NoError(t, store.Save(t.Context(), fleetstate.State{}, fleetstate.Saved{Tasks: map[string]int{"a": 3}}))
	require.Equal(t, 3, ask(tasks))
	now.at = now.at.Add(3*time.Minute + time.Second)
	require.Zero(t, ask(tasks), "the controller has been away")
}

func TestTheHealthAgentsReadWhatTheyAreTold(t *testing.T) {
	store, now := open(t)
	// As gpuagent reads it.
	spare := func() bool {
		out, err := store.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &store.Table, Key: map[string]types.AttributeValue{
			settings.TablePartitionKey: &types.AttributeValueMemberS{Value: settings.AgentPartition("c")},
			settings.TableSortKey:      &types.AttributeValueMemberS{Value: settings.AgentCapacity},
		}})
		require.NoError(t, err)
		is, _ := out.Item[settings.AgentSpare].(*types.AttributeValueMemberBOOL)
		until, _ := out.Item[settings.AgentSpareUntil].(*types.AttributeValueMemberN)
		return is != nil && is.Value && until.Value > strconv.FormatInt(now.at.UnixMilli(), 10)
	}
	require.False(t, spare())
	save := func(version int64, is bool) error {
		told := &fleetstate.Spare{Cluster: "c", Spare: is, Until: now.at.Add(10 * time.Minute)}
		return store.Save(t.Context(), fleetstate.State{Version: version}, fleetstate.Saved{Spare: told})
	}
	require.NoError(t, save(0, true))
	require.True(t, spare())
	require.ErrorIs(t, save(0, false), fleetstate.ErrConflict)
	require.True(t, spare(), "a run that lost tells nobody anything")
	require.NoError(t, save(1, false))
	require.False(t, spare())
	require.NoError(t, save(2, true))
	now.at = now.at.Add(11 * time.Minute)
	require.False(t, spare(), "the controller has been away")
}

func TestOneOfManyProcessesGetsTheTurn(t *testing.T) {
	store, now := open(t)
	turns := func() (won int32) {
		var count atomic.Int32
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if turn, err := store.Turn(t.Context(), "a", 5*time.Second); err == nil && turn {
					count.Add(1)
				}
			})
		}
		group.Wait()
		return count.Load()
	}
	require.EqualValues(t, 1, turns())
	now.at = now.at.Add(4999 * time.Millisecond)
	require.Zero(t, turns())
	now.at = now.at.Add(time.Millisecond)
	require.EqualValues(t, 1, turns())
	now.at = now.at.Add(-time.Hour)
	require.EqualValues(t, 1, turns(), "a clock that was an hour ahead does not keep the worker asleep")
}

func TestDurationsOfManyWorkersAreOneEstimate(t *testing.T) {
	store, now := open(t)
	reports := dynamoreport.Durations{Client: store.Client, Table: store.Table, Now: store.Now}
	recorders := []*fleetreport.Recorder{{Store: reports, Worker: "a"}, {Store: reports, Worker: "a"}, {Store: reports, Worker: "b"}}
	for i := range 100 {
		recorders[i%2].Observe(time.Duration(i+1) * time.Second)
	}
	for _, recorder := range recorders {
		require.NoError(t, recorder.Flush(t.Context()))
		require.NoError(t, recorder.Flush(t.Context()), "nothing is left to write")
	}
	now.at = now.at.Add(7 * 24 * time.Hour)
	recorders[0].Observe(50 * time.Second)
	require.NoError(t, recorders[0].Flush(t.Context()))
	loaded, err := store.Load(t.Context())
	require.NoError(t, err)
	got := loaded.Durations["a"]
	p50, p95 := got.Quantile(0.5), got.Quantile(0.95)
	require.Equal(t, 101, got.Count, "this week's and last week's")
	require.InDelta(t, 50.5, got.Mean().Seconds(), 0.1)
	require.True(t, p50 >= 50*time.Second && p50 <= 63*time.Second, "%v", p50)
	require.True(t, p95 >= 95*time.Second && p95 <= 119*time.Second, "%v", p95)
	require.NotContains(t, loaded.Durations, "b")
}

func TestABodyOfAnotherFormCountsAsNone(t *testing.T) {
	store, _ := open(t)
	require.NoError(t, store.Save(t.Context(), fleetstate.State{Doomed: map[string]time.Time{"i": {}}}, fleetstate.Saved{}))
	loaded, err := store.Load(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, loaded.State.Version)
}
