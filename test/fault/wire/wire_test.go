package wire_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"tandem/test/fault/wire"
)

// cloud is what stands behind a link: it answers {} and remembers what it heard.
type cloud struct {
	link *wire.Link
	hub  *wire.Hub

	mutex     sync.Mutex
	heard     []string
	exchanges []wire.Exchange
	disturbed []string
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.heard = append(c.heard, r.Header.Get("X-Amz-Target")+" "+string(body))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(server.Close)
	c.hub = wire.NewHub(wire.HubOptions{Target: server.URL, Seed: 1,
		Observer: func(e wire.Exchange) { c.mutex.Lock(); defer c.mutex.Unlock(); c.exchanges = append(c.exchanges, e) },
		Disturbed: func(job string, _ time.Time) {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.disturbed = append(c.disturbed, job)
		}})
	var err error
	c.link, err = c.hub.Link("worker-1")
	require.NoError(t, err)
	t.Cleanup(c.link.Close)
	return c
}

func (c *cloud) heardOf(what string) (count int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, call := range c.heard {
		if strings.Contains(call, what) {
			count++
		}
	}
	return count
}

func (c *cloud) config() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(c.link.Endpoint()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
}

func (c *cloud) get(ctx context.Context) error {
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "job#1"}}
	_, err := dynamodb.NewFromConfig(c.config()).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("state"), Key: key})
	return err
}

func (c *cloud) send(t *testing.T, job string) error {
	t.Helper()
	queue := sqs.NewFromConfig(c.config(), func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	_, err := queue.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("http://q/1/2"), MessageBody: aws.String(`{"id":"` + job + `"}`)})
	return err
}

func TestALinkLetsCallsThroughAndShowsThem(t *testing.T) {
	c := newCloud(t)
	require.NoError(t, c.get(t.Context()))
	require.Equal(t, 1, c.heardOf("GetItem"))
	require.Len(t, c.exchanges, 1)
	require.Equal(t, "get", c.exchanges[0].Does)
	require.Equal(t, "worker-1", c.exchanges[0].By)
}

func TestSpellsAreWhatTheSDKTakesForThem(t *testing.T) {
	for name, want := range map[wire.Ill]struct {
		heard int
		codes []string
	}{
		wire.Throttled: {0, []string{"ProvisionedThroughputExceededException", "ThrottlingException"}},
		wire.Failing:   {0, []string{"InternalServerError", "UnknownError"}},
		wire.Deaf:      {0, nil},
		wire.Dumb:      {1, nil},
	} {
		t.Run(string(name), func(t *testing.T) {
			c := newCloud(t)
			end := c.link.Cast(wire.Spell{Ill: name, Percent: 100})
			err := c.get(t.Context())
			require.Error(t, err)
			var problem smithy.APIError
			if want.codes != nil {
				require.ErrorAs(t, err, &problem)
				require.Contains(t, want.codes, problem.ErrorCode())
			}
			require.Equal(t, want.heard, c.heardOf("GetItem"))
			require.Equal(t, 1, c.hub.Mishaps()[string(name)])
			end()
			require.NoError(t, c.get(t.Context()))
		})
	}
	t.Run("by S3 and SQS", func(t *testing.T) {
		c := newCloud(t)
		c.link.Cast(wire.Spell{Ill: wire.Throttled, Percent: 100})
		var problem smithy.APIError
		_, err := s3.NewFromConfig(c.config()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
		require.ErrorAs(t, err, &problem)
		require.Equal(t, "SlowDown", problem.ErrorCode())
		require.ErrorAs(t, c.send(t, "1"), &problem)
		require.Equal(t, "RequestThrottled", problem.ErrorCode())
	})
}

func TestATrapStrikesAtTheCallItWaitsFor(t *testing.T) {
	for _, after := range []bool{false, true} {
		c := newCloud(t)
		sprung := 0
		c.link.Set(wire.Trap{Does: "get", After: after, Spring: func() { sprung++ }})
		disarm := c.link.Set(wire.Trap{Does: "claim", Spring: func() { t.Error("nobody claimed") }})
		require.NoError(t, c.send(t, "1"), "another call")
		require.Error(t, c.get(t.Context()))
		require.NoError(t, c.get(t.Context()), "only once")
		require.Equal(t, 1, sprung)
		require.Equal(t, map[bool]int{false: 1, true: 2}[after], c.heardOf("GetItem"))
		require.True(t, disarm())
	}
}

func TestACallThatIsHeldArrivesThoughNobodyWaits(t *testing.T) {
	c := newCloud(t)
	c.link.Set(wire.Trap{Does: "get", Hold: 100 * time.Millisecond, Spring: func() {}})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.get(ctx), context.DeadlineExceeded)
	require.Zero(t, c.heardOf("GetItem"))
	require.Eventually(t, func() bool { return c.heardOf("GetItem") == 1 }, 5*time.Second, time.Millisecond)
}

func TestMessagesMeetWithMishaps(t *testing.T) {
	for name, want := range map[string]struct {
		mishaps          wire.Mishaps
		heard, disturbed int
	}{
		"none":    {wire.Mishaps{}, 1, 0},
		"lost":    {wire.Mishaps{Lost: 100}, 0, 1},
		"doubled": {wire.Mishaps{Doubled: 100}, 2, 0},
		"late":    {wire.Mishaps{Late: 100}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.hub.Befall(want.mishaps)
			require.NoError(t, c.send(t, "abc"))
			require.Equal(t, want.heard, c.heardOf("SendMessage"))
			require.Len(t, c.disturbed, want.disturbed)
			if name == "late" {
				require.Regexp(t, `"DelaySeconds":[1-9]`, c.heard[0])
			}
		})
	}
	t.Run("undead", func(t *testing.T) {
		c := newCloud(t)
		c.hub.Befall(wire.Mishaps{Undead: 100})
		out, err := sqs.NewFromConfig(c.config()).DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: aws.String("http://q/1/2"),
			Entries: []sqstypes.DeleteMessageBatchRequestEntry{{Id: aws.String("0"), ReceiptHandle: aws.String("r")}}})
		require.NoError(t, err)
		require.Len(t, out.Successful, 1)
		require.Zero(t, c.heardOf("DeleteMessageBatch"))
	})
}

func TestALinkCanBeCutAndMended(t *testing.T) {
	c := newCloud(t)
	c.link.Cut()
	require.Error(t, c.get(t.Context()))
	require.NoError(t, c.link.Mend())
	require.NoError(t, c.get(t.Context()))
}

func TestAPoisonedLinkIsSlowUntilItIsHealed(t *testing.T) {
	c := newCloud(t)
	remove, err := c.link.Poison(wire.Toxic{Type: "timeout", Stream: "downstream", Attributes: map[string]int{"timeout": 0}})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.get(ctx), context.DeadlineExceeded)
	remove()
	require.NoError(t, c.get(t.Context()))
}

func TestALongPollEndsSoonAfterItsProcess(t *testing.T) {
	c := newCloud(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { time.Sleep(50 * time.Millisecond); cancel() }()
	_, err := sqs.NewFromConfig(c.config()).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://q/1/2"), WaitTimeSeconds: 20})
	require.Error(t, err)
	require.Eventually(t, func() bool {
		before := c.heardOf("ReceiveMessage")
		time.Sleep(20 * time.Millisecond)
		return before == c.heardOf("ReceiveMessage")
	}, 5*time.Second, time.Millisecond)
	require.Regexp(t, `"WaitTimeSeconds":1[,}]`, c.heard[0])
}
