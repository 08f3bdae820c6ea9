package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/webhooks"
	"tandem/runtime/webhooks/target"
)

const master = "master-secret-of-this-deployment"

// delivery is one call that a receiver got.
type delivery struct {
	header http.Header
	body   []byte
}

// receiver answers with a status, and keeps what it got.
type receiver struct {
	*httptest.Server
	status     atomic.Int32
	header     http.Header
	deliveries []delivery
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{header: http.Header{}}
	r.status.Store(http.StatusNoContent)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.deliveries = append(r.deliveries, delivery{request.Header, body})
		for name, values := range r.header {
			w.Header()[name] = values
		}
		w.WriteHeader(int(r.status.Load()))
	}))
	t.Cleanup(r.Close)
	return r
}

// fixture is a courier over memory.
type fixture struct {
	store   *memory.Store
	service *jobs.Service
	runner  *jobs.Runner
	courier *webhooks.Courier
	logs    *strings.Builder
}

func newFixture(t *testing.T, policy target.Policy) *fixture {
	t.Helper()
	f := &fixture{store: memory.NewStore(), logs: &strings.Builder{}}
	queue, log := memory.NewQueue(), slog.New(slog.NewJSONHandler(f.logs, nil))
	f.service = jobs.NewService(jobs.ServiceOptions{Store: f.store, Queue: queue, Blobs: memory.NewBlobs("http://blobs.test")})
	f.runner = jobs.NewRunner(jobs.RunnerOptions{Store: f.store, Queue: queue})
	f.courier = webhooks.New(webhooks.Options{
		Jobs: f.store, Recorder: jobs.NewOutbox(jobs.OutboxOptions{Store: f.store, Queue: queue}), Policy: policy, Timeout: 200 * time.Millisecond,
		Master: func(context.Context) (string, error) { return master, nil }, Log: log,
	})
	return f
}

// ended returns a job that has succeeded.
func (f *fixture) ended(t *testing.T, tenant, url string, result jobs.Payload) jobs.Job {
	t.Helper()
	job, _, err := f.service.Submit(t.Context(), jobs.Submission{Tenant: tenant, Worker: "analyser", Webhook: url, Metadata: map[string]string{"order": "7"}})
	require.NoError(t, err)
	job, err = f.runner.Claim(t.Context(), job.ID, "test")
	require.NoError(t, err)
	job, err = f.runner.Succeed(t.Context(), job.Held(), result)
	require.NoError(t, err)
	return job
}

func (f *fixture) webhook(t *testing.T, id string) jobs.Webhook {
	t.Helper()
	job, err := f.store.Get(t.Context(), id)
	require.NoError(t, err)
	return job.Webhook
}

func TestAReceiverCanVerifyWhatItGets(t *testing.T) {
	r := newReceiver(t)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	job := f.ended(t, "acme", r.URL+"/hook", jobs.Bytes("application/json", []byte(`{"ok":true}`)))
	wait, err := f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Zero(t, wait)
	require.Len(t, r.deliveries, 1)

	verifier, err := standardwebhooks.NewWebhook(webhooks.Secret(master, "acme"))
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(r.deliveries[0].body, r.deliveries[0].header))
	stranger, err := standardwebhooks.NewWebhook(webhooks.Secret(master, "globex"))
	require.NoError(t, err)
	require.Error(t, stranger.Verify(r.deliveries[0].body, r.deliveries[0].header), "another tenant's secret is another")

	var got webhooks.Message
	require.NoError(t, json.Unmarshal(r.deliveries[0].body, &got))
	require.Equal(t, "job.succeeded", got.Type)
	require.Equal(t, job.ID, got.Data.ID)
	require.JSONEq(t, `{"ok":true}`, string(got.Data.Result.Value))
	require.Equal(t, "7", got.Data.Metadata["order"])
	require.NotContains(t, string(r.deliveries[0].body), r.URL, "a receiver knows its own address")
	require.Equal(t, jobs.Webhook{URL: r.URL + "/hook", State: jobs.DeliveryDelivered, Attempts: 1}, f.webhook(t, job.ID))

	_, err = f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Len(t, r.deliveries, 1, "a message that came twice calls once")
}

func TestALargeResultIsLeftToTheAPI(t *testing.T) {
	r := newReceiver(t)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	job := f.ended(t, "acme", r.URL, jobs.Blob("video/mp4", "results/acme/x/1/result", 5<<30))
	_, err := f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Contains(t, string(r.deliveries[0].body), `"result":{"contentType":"video/mp4","size":5368709120}`)
	require.NotContains(t, string(r.deliveries[0].body), "results/acme")
}

func TestFailedDeliveriesAreTriedAgainForMoreThanADay(t *testing.T) {
	r := newReceiver(t)
	r.status.Store(http.StatusInternalServerError)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	job := f.ended(t, "acme", r.URL, jobs.Bytes("text/plain", nil))
	var total time.Duration
	for i, want := range webhooks.Schedule() {
		wait, err := f.courier.Deliver(t.Context(), job.ID)
		require.NoError(t, err)
		require.Equal(t, want, wait)
		require.LessOrEqual(t, wait, 12*time.Hour, "SQS hides no longer")
		require.Equal(t, jobs.Webhook{URL: r.URL, State: jobs.DeliverySent, Attempts: i + 1, LastError: "the receiver answered 500"}, f.webhook(t, job.ID))
		total += wait
	}
	require.Greater(t, total, 24*time.Hour)
	wait, err := f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Zero(t, wait)
	require.Equal(t, jobs.DeliveryGivenUp, f.webhook(t, job.ID).State)

	count := len(r.deliveries)
	_, err = f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Len(t, r.deliveries, count, "what was given up is over")
	ids := map[string]bool{}
	for _, got := range r.deliveries {
		ids[got.header.Get("webhook-id")] = true
	}
	require.Len(t, ids, 1, "by which a receiver tells repetitions")
}

func TestADeliveryThatSucceedsLateClearsTheError(t *testing.T) {
	r := newReceiver(t)
	r.status.Store(http.StatusBadGateway)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	job := f.ended(t, "acme", r.URL, jobs.Bytes("text/plain", nil))
	_, err := f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	r.status.Store(http.StatusOK)
	_, err = f.courier.Deliver(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, jobs.Webhook{URL: r.URL, State: jobs.DeliveryDelivered, Attempts: 2}, f.webhook(t, job.ID))
}

func TestWhatAReceiverAnswersDecidesWhatFollows(t *testing.T) {
	tests := map[string]struct {
		status     int
		retryAfter string
		wait       time.Duration
		state      jobs.DeliveryState
	}{
		"created":                    {201, "", 0, jobs.DeliveryDelivered},
		"a redirect is not followed": {307, "", 5 * time.Second, jobs.DeliverySent},
		"gone":                       {410, "", 0, jobs.DeliveryGivenUp},
		"slow down":                  {429, "60", time.Minute, jobs.DeliverySent},
		"slow down for ever":         {503, "999999", time.Hour, jobs.DeliverySent},
		"slow down, nonsense":        {503, "later", 5 * time.Second, jobs.DeliverySent},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			r.status.Store(int32(test.status))
			r.header.Set("Location", "http://127.0.0.1:1/")
			if test.retryAfter != "" {
				r.header.Set("Retry-After", test.retryAfter)
			}
			f := newFixture(t, target.Policy{AllowPrivate: true})
			job := f.ended(t, "acme", r.URL, jobs.Bytes("text/plain", nil))
			wait, err := f.courier.Deliver(t.Context(), job.ID)
			require.NoError(t, err)
			require.Equal(t, test.wait, wait)
			require.Equal(t, test.state, f.webhook(t, job.ID).State)
			require.Len(t, r.deliveries, 1)
		})
	}
}

func TestAPrivateAddressIsNeverCalledAndNotTold(t *testing.T) {
	r := newReceiver(t)
	f := newFixture(t, target.Policy{})
	for _, url := range []string{r.URL + "/t0ken", strings.Replace(r.URL, "127.0.0.1", "localhost", 1) + "/t0ken"} {
		job := f.ended(t, "acme", url, jobs.Bytes("text/plain", nil))
		wait, err := f.courier.Deliver(t.Context(), job.ID)
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, wait, "the name may lead elsewhere later")
		require.Equal(t, "the URL does not lead to a public address", f.webhook(t, job.ID).LastError)
	}
	require.Empty(t, r.deliveries)
	require.NotContains(t, f.logs.String(), "t0ken")
	require.NotContains(t, f.logs.String(), "127.0.0.1")
}

func TestReasonsAreToldWithoutTheURL(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or else the server does not notice that the caller has gone
		<-r.Context().Done()
	}))
	defer slow.Close()
	tests := map[string]struct{ url, want string }{
		"nobody listens":  {"http://127.0.0.1:1/t0ken", "the connection failed"},
		"nobody answers":  {slow.URL + "/t0ken", "the receiver did not answer in time"},
		"no such host":    {"http://t0ken.invalid/", "the host name cannot be resolved"},
		"not even a host": {"http://[::1%25t0ken]:99999/", "the connection failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, target.Policy{AllowPrivate: true})
			job := f.ended(t, "acme", test.url, jobs.Bytes("text/plain", nil))
			_, err := f.courier.Deliver(t.Context(), job.ID)
			require.NoError(t, err)
			require.Equal(t, test.want, f.webhook(t, job.ID).LastError)
			require.NotContains(t, f.logs.String(), "t0ken")
		})
	}
}

func TestNothingIsSentForAJobThatIsNotOver(t *testing.T) {
	r := newReceiver(t)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	waiting, _, err := f.service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "analyser", Webhook: r.URL})
	require.NoError(t, err)
	silent := f.ended(t, "acme", "", jobs.Bytes("text/plain", nil))
	for _, id := range []string{waiting.ID, silent.ID, "00000000-0000-4000-8000-000000000000"} {
		wait, err := f.courier.Deliver(t.Context(), id)
		require.NoError(t, err)
		require.Zero(t, wait)
	}
	require.Empty(t, r.deliveries)
}

func TestAnOutageInHereIsNotTheReceiversFailure(t *testing.T) {
	r := newReceiver(t)
	f := newFixture(t, target.Policy{AllowPrivate: true})
	job := f.ended(t, "acme", r.URL, jobs.Bytes("text/plain", nil))
	outage := errors.New("throttled")
	courier := webhooks.New(webhooks.Options{Jobs: f.store, Recorder: nil, Master: func(context.Context) (string, error) { return "", outage }})
	_, err := courier.Deliver(t.Context(), job.ID)
	require.ErrorIs(t, err, outage)
	require.Zero(t, f.webhook(t, job.ID).Attempts)
	require.Empty(t, r.deliveries)
}

func TestSecretsAreStableAndTheirOwn(t *testing.T) {
	require.Equal(t, "whsec_IP01GLIlqD1Og9MTOJ3OMS+w4S4Iq856zHBdNakNPws=", webhooks.Secret("m", "acme"), "a receiver keeps it")
	require.NotEqual(t, webhooks.Secret("m", "acme"), webhooks.Secret("m", "globex"))
	require.NotEqual(t, webhooks.Secret("m", "acme"), webhooks.Secret("n", "acme"))
}
