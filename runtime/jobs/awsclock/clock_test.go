package awsclock

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// machine is a machine whose wall clock is wrong, and the world whose time is right.
type machine struct {
	world  time.Time
	uptime time.Duration
	skew   time.Duration
}

// boot begins on a fraction of a second.
func boot(skew time.Duration) (*machine, *Clock) {
	m := &machine{world: time.Date(2026, 11, 24, 12, 0, 0, 123_000_000, time.UTC), skew: skew}
	return m, newClock(m.read)
}

func (m *machine) read() reading { return reading{wall: m.world.Add(m.skew), uptime: m.uptime} }

func (m *machine) pass(d time.Duration) { m.world, m.uptime = m.world.Add(d), m.uptime+d }

// call is a request that takes a while each way.
func (m *machine) call(clock *Clock, there, back time.Duration) {
	sent := m.read()
	m.pass(there)
	date := m.world.Truncate(time.Second)
	m.pass(back)
	clock.observe(sent, m.read(), date)
}

func TestBeforeTheFirstAnswerTheMachinesClockIsAllThereIs(t *testing.T) {
	m, clock := boot(5 * time.Minute)
	require.Equal(t, m.read().wall, clock.Now())
}

func TestOneAnswerPutsASkewedClockRightWithinASecond(t *testing.T) {
	for _, skew := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute, 24 * time.Hour} {
		m, clock := boot(skew)
		m.call(clock, 10*time.Millisecond, 10*time.Millisecond)
		require.WithinDuration(t, m.world, clock.Now(), 520*time.Millisecond)
		m.pass(time.Hour)
		require.WithinDuration(t, m.world, clock.Now(), 520*time.Millisecond)
	}
}

func TestMoreAnswersMakeItBetter(t *testing.T) {
	m, clock := boot(-3 * time.Minute)
	for range 50 {
		m.pass(1_037 * time.Millisecond)
		m.call(clock, 5*time.Millisecond, 5*time.Millisecond)
	}
	require.WithinDuration(t, m.world, clock.Now(), 120*time.Millisecond)
}

// However requests and waits fall, the error stays within half of what an
// answer leaves open.
func TestTheErrorIsBoundedWhateverTheTraffic(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m, clock := boot(time.Duration(rapid.IntRange(-600_000, 600_000).Draw(r, "skew")) * time.Millisecond)
		for range rapid.IntRange(1, 30).Draw(r, "calls") {
			m.pass(time.Duration(rapid.IntRange(0, 100_000).Draw(r, "pause")) * time.Millisecond)
			m.call(clock, time.Duration(rapid.IntRange(0, 900).Draw(r, "there"))*time.Millisecond,
				time.Duration(rapid.IntRange(0, 900).Draw(r, "back"))*time.Millisecond)
		}
		require.WithinDuration(r, m.world, clock.Now(), 1_500*time.Millisecond)
	})
}

func TestALongPollLeavesTheClockAsGoodAsItWas(t *testing.T) {
	m, clock := boot(time.Minute)
	for range 20 {
		m.pass(1_037 * time.Millisecond)
		m.call(clock, time.Millisecond, time.Millisecond)
	}
	m.call(clock, 20*time.Second, 0)
	m.call(clock, 0, 20*time.Second)
	require.WithinDuration(t, m.world, clock.Now(), 250*time.Millisecond)
}

func TestALongPollThatIsTheFirstCallTellsTheTimeToo(t *testing.T) {
	for _, poll := range []time.Duration{time.Second, 5 * time.Second, 20 * time.Second} {
		m, clock := boot(-time.Hour)
		m.call(clock, poll, time.Millisecond)
		require.WithinDuration(t, m.world, clock.Now(), 520*time.Millisecond, "a lease that is taken now would be held for too long")
	}
}

// A lease must not seem to have ended before it has.
func TestTheClockNeverRunsFarAhead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m, clock := boot(time.Duration(rapid.IntRange(-600_000, 600_000).Draw(r, "skew")) * time.Millisecond)
		for range rapid.IntRange(1, 10).Draw(r, "calls") {
			m.pass(time.Duration(rapid.IntRange(0, 100_000).Draw(r, "pause")) * time.Millisecond)
			m.call(clock, time.Duration(rapid.IntRange(0, 20_000).Draw(r, "there"))*time.Millisecond,
				time.Duration(rapid.IntRange(0, 20_000).Draw(r, "back"))*time.Millisecond)
		}
		require.Less(r, clock.Now().Sub(m.world), 600*time.Millisecond)
	})
}

func TestAServerThatJumpsIsFollowed(t *testing.T) {
	m, clock := boot(0)
	m.call(clock, time.Millisecond, time.Millisecond)
	m.world, m.skew = m.world.Add(time.Hour), m.skew-time.Hour
	m.call(clock, time.Millisecond, time.Millisecond)
	require.WithinDuration(t, m.world, clock.Now(), 520*time.Millisecond)
}

func TestAMachineThatStoodStillTrustsItsWallClockUntilTheNextAnswer(t *testing.T) {
	m, clock := boot(0)
	m.call(clock, time.Millisecond, time.Millisecond)
	m.world = m.world.Add(time.Hour) // and no uptime
	require.Equal(t, m.read().wall, clock.Now())
	m.skew = 30 * time.Minute
	m.call(clock, time.Millisecond, time.Millisecond)
	require.WithinDuration(t, m.world, clock.Now(), 520*time.Millisecond)
}

func TestServersThatDisagreeALittleLeaveTheClockBetweenThem(t *testing.T) {
	m, clock := boot(time.Minute)
	for n := range 200 {
		m.pass(1_037 * time.Millisecond)
		ahead := time.Duration(n%2) * 30 * time.Millisecond
		m.world = m.world.Add(ahead)
		m.call(clock, 0, 0)
		m.world = m.world.Add(-ahead)
		require.WithinDuration(t, m.world, clock.Now(), 550*time.Millisecond)
	}
	require.WithinDuration(t, m.world, clock.Now(), 60*time.Millisecond)
}

func TestClientsFeedTheClock(t *testing.T) {
	ahead := time.Now().Add(2 * time.Hour)
	for name, status := range map[string]int{"an answer": 200, "an error": 400} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", ahead.UTC().Format(http.TimeFormat))
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{}`))
			}))
			defer server.Close()
			clock := New()
			config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
				Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
			clock.Attach(&config)
			_, err := dynamodb.NewFromConfig(config).ListTables(context.Background(), &dynamodb.ListTablesInput{})
			require.Equal(t, status == 400, err != nil)
			require.WithinDuration(t, ahead, clock.Now(), 5*time.Second)
		})
	}
}

func TestARequestWithoutAnswerTeachesNothing(t *testing.T) {
	clock := New()
	config := aws.Config{Region: "us-east-1", HTTPClient: failing{}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
	clock.Attach(&config)
	_, err := dynamodb.NewFromConfig(config).ListTables(context.Background(), &dynamodb.ListTablesInput{})
	require.ErrorIs(t, err, errDown)
	require.WithinDuration(t, time.Now(), clock.Now(), time.Second)
}

var errDown = errors.New("down")

type failing struct{}

func (failing) Do(*http.Request) (*http.Response, error) { return nil, errDown }

func FuzzParseDate(f *testing.F) {
	f.Add("Tue, 24 Nov 2026 12:00:00 GMT")
	f.Add("Tuesday, 24-Nov-26 12:00:00 GMT")
	f.Add("yesterday")
	f.Fuzz(func(t *testing.T, header string) {
		if date, ok := parseDate(header); ok {
			require.GreaterOrEqual(t, date.Year(), 2000)
			require.LessOrEqual(t, date.Year(), 9999)
		}
	})
}

func TestAClockUponAWrongOneIsPutRight(t *testing.T) {
	clock := Upon(func() time.Time { return time.Now().Add(-7 * time.Minute) })
	require.WithinDuration(t, time.Now().Add(-7*time.Minute), clock.Now(), time.Second)
	sent := clock.read()
	clock.observe(sent, clock.read(), time.Now().Truncate(time.Second))
	require.WithinDuration(t, time.Now(), clock.Now(), 1100*time.Millisecond)
}
