package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tandem/runtime/jobs"
	"tandem/runtime/webhooks/target"
)

// Schedule returns the waits after the first, second, ... failed delivery.
// After the last the webhook is given up: a day and a quarter after the first.
// No wait is above 12 h, the longest that SQS hides a message
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html, 2026-11-24).
func Schedule() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 5 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 12 * time.Hour}
}

// Jobs reads jobs.
type Jobs interface {
	Get(ctx context.Context, id string) (jobs.Job, error)
}

// Recorder keeps how deliveries went; jobs.Outbox.
type Recorder interface {
	Record(ctx context.Context, id string, failure error, final bool) (jobs.Job, error)
}

// Options of a [Courier].
type Options struct {
	// Jobs is required.
	Jobs Jobs
	// Recorder is required.
	Recorder Recorder
	// Master returns the secret that tenants' signing keys are derived from. Required.
	Master func(ctx context.Context) (string, error)
	// Policy of the addresses that may be called.
	Policy target.Policy
	// Timeout of one call. Defaults to 15 s.
	Timeout time.Duration
	// Schedule of the waits after failures. Defaults to [Schedule].
	Schedule []time.Duration
	// Now defaults to time.Now.
	Now func() time.Time
	// Log defaults to slog.Default.
	Log *slog.Logger
}

// Courier delivers webhooks. It is safe for concurrent use.
type Courier struct {
	options Options
	client  *http.Client
}

// New makes a Courier.
func New(options Options) *Courier {
	if options.Timeout == 0 {
		options.Timeout = 15 * time.Second
	}
	if options.Schedule == nil {
		options.Schedule = Schedule()
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Courier{options: options, client: options.Policy.Client(options.Timeout)}
}

// Deliver calls the webhook of a job once and records how it went. It returns
// how long to wait before it is called again, 0 where there is nothing left to
// do. An error means that nothing is known, and the message should come back by itself.
func (c *Courier) Deliver(ctx context.Context, id string) (time.Duration, error) {
	job, err := c.options.Jobs.Get(ctx, id)
	if errors.Is(err, jobs.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading job %s to deliver its webhook: %w", id, err)
	}
	if !due(job) {
		return 0, nil
	}
	failure, err := c.send(ctx, job)
	if err != nil {
		return 0, err
	}
	attempts := job.Webhook.Attempts + 1
	final := failure != nil && (failure.final || attempts > len(c.options.Schedule))
	log := c.options.Log.With("job", job.ID, "tenant", job.Tenant, "attempt", attempts)
	if failure == nil {
		log.InfoContext(ctx, "webhook delivered")
		_, err = c.options.Recorder.Record(ctx, id, nil, false)
	} else {
		log.WarnContext(ctx, "webhook not delivered", "reason", failure.reason, "final", final)
		_, err = c.options.Recorder.Record(ctx, id, errors.New(failure.reason), final)
	}
	if err != nil && !errors.Is(err, jobs.ErrNotFound) {
		return 0, fmt.Errorf("recording the webhook of job %s: %w", id, err)
	}
	if failure == nil || final {
		return 0, nil
	}
	return max(c.options.Schedule[attempts-1], failure.retryAfter), nil
}

// due tells whether the job has ended and nobody has been told yet.
func due(job jobs.Job) bool {
	return job.State.Terminal() && job.Webhook.URL != "" &&
		job.Webhook.State != jobs.DeliveryDelivered && job.Webhook.State != jobs.DeliveryGivenUp
}

// failure is why a receiver was not told. The reason is shown to the tenant.
type failure struct {
	reason string
	// final: to try again would not help.
	final bool
	// retryAfter is what the receiver asked for, within reason.
	retryAfter time.Duration
}

func (c *Courier) send(ctx context.Context, job jobs.Job) (*failure, error) {
	request, err := c.request(ctx, job)
	if err != nil {
		return nil, err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return &failure{reason: reason(err)}, nil
	}
	defer response.Body.Close()
	// Some of the body is read, so that the connection can be used again.
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10)
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return nil, nil
	case response.StatusCode == http.StatusGone:
		return &failure{reason: "the receiver answered 410 Gone", final: true}, nil
	default:
		return &failure{reason: "the receiver answered " + strconv.Itoa(response.StatusCode), retryAfter: retryAfter(response.Header)}, nil
	}
}

func (c *Courier) request(ctx context.Context, job jobs.Job) (*http.Request, error) {
	payload, err := body(job)
	if err != nil {
		return nil, err
	}
	master, err := c.options.Master(ctx)
	if err != nil {
		return nil, fmt.Errorf("signing the webhook of job %s: %w", job.ID, err)
	}
	signer, err := standardwebhooks.NewWebhook(Secret(master, job.Tenant))
	if err != nil {
		return nil, fmt.Errorf("signing the webhook of job %s: %w", job.ID, err)
	}
	now, id := c.options.Now(), messageID(job)
	signature, err := signer.Sign(id, now, payload)
	if err != nil {
		return nil, fmt.Errorf("signing the webhook of job %s: %w", job.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, job.Webhook.URL, bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("addressing the webhook of job %s: %w", job.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "tandem-webhooks/1")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return request, nil
}

// reason says what went wrong without the URL, which may hold a token, and
// without addresses, which would tell a tenant what names lead to in here.
func reason(err error) string {
	var address *url.Error
	var lookup *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, target.ErrForbidden):
		return "the URL does not lead to a public address"
	case errors.As(err, &lookup):
		return "the host name cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "the receiver did not answer in time"
	case errors.As(err, &address):
		return "the connection failed"
	default:
		return "the call failed"
	}
}

// maxRetryAfter bounds what a receiver may ask for.
const maxRetryAfter = time.Hour

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}
