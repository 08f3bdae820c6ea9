package measure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"
)

// cortex is Cortex's async gateway and its dequeuer, with a bucket and a FIFO
// queue as Cortex makes them.
type cortex struct {
	binary, bucket, queue string
	cloud                 *cloud
	client                *http.Client
	url                   string
	gateway               *process
}

const cortexAPI = "analyse"

// startCortex starts the gateway; the caller stops it.
func startCortex(ctx context.Context, c *cloud) (*cortex, error) {
	binary, err := buildPeer(ctx, "cortex")
	if err != nil {
		return nil, err
	}
	x := &cortex{binary: binary, bucket: "cortex", cloud: c,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: submitClients}}}
	if _, err := c.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &x.bucket}); err != nil {
		return nil, err
	}
	created, err := sqs.NewFromConfig(c.config).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("cortex.fifo"),
		Attributes: map[string]string{"FifoQueue": "true"}})
	if err != nil {
		return nil, err
	}
	x.queue = *created.QueueUrl
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	x.url = "http://" + address + "/"
	if x.gateway, err = x.start("-run", "gateway", "-address", address); err != nil {
		return nil, err
	}
	err = until(ctx, 10*time.Second, 20*time.Millisecond, func() (bool, error) { return x.submit(ctx) == nil, nil })
	if err != nil {
		defer x.stop()
		return nil, fmt.Errorf("cortex's gateway does not answer: %w: %s", err, x.gateway.said())
	}
	return x, nil
}

func (x *cortex) stop() { x.gateway.stop() }

func (x *cortex) start(arguments ...string) (*process, error) {
	return startProcess(x.binary, append([]string{"-endpoint", x.cloud.emulator.Endpoint(), "-bucket", x.bucket}, arguments...), x.cloud.emulator.Environ())
}

func (x *cortex) submit(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, x.url, strings.NewReader(shortJob))
	if err != nil {
		return err
	}
	// Cortex's ingress adds these.
	request.Header.Set("X-Request-Id", uuid.NewString())
	request.Header.Set("X-Cortex-Api-Name", cortexAPI)
	request.Header.Set("X-Cortex-Queue-Url", x.queue)
	request.Header.Set("Content-Type", "application/json")
	answer, err := x.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("cortex answered %d: %s: %w", answer.StatusCode, body, err)
	}
	return nil
}

// drain empties the queue with so many workers, and returns the time from the
// first call of the container, since the dequeuer waits for its probe before,
// to the deletion of the last message, and its peak of memory in MiB.
func (x *cortex) drain(ctx context.Context) (took time.Duration, peak float64, err error) {
	var first atomic.Int64
	endpoint, stop, err := startServer(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.CompareAndSwap(0, time.Now().UnixNano())
		doNothing(w, r)
	}))
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	dequeuer, err := x.start("-run", "dequeuer", "-queue", x.queue, "-api", cortexAPI, "-target", endpoint, "-workers", fmt.Sprint(drainSlots))
	if err != nil {
		return 0, 0, err
	}
	defer dequeuer.stop()
	client := sqs.NewFromConfig(x.cloud.config)
	err = until(ctx, 10*time.Minute, 200*time.Millisecond, func() (bool, error) {
		out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &x.queue, AttributeNames: []sqstypes.QueueAttributeName{
			sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible}})
		if err != nil {
			return false, err
		}
		for _, count := range out.Attributes {
			if count != "0" {
				return false, nil
			}
		}
		return first.Load() != 0, nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("cortex's dequeuer: %w: %s", err, dequeuer.said())
	}
	peak, err = dequeuer.memory("VmHWM")
	return time.Since(time.Unix(0, first.Load())), peak, err
}

// drainByCortex fills a new emulator by the gateway and empties it by the
// dequeuer; jobs a second and MiB.
func (b *Bench) drainByCortex(ctx context.Context, count int) (perSecond, peak float64, err error) {
	c, err := newCloud(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer c.stop()
	x, err := startCortex(ctx, c)
	if err != nil {
		return 0, 0, err
	}
	defer x.stop()
	if _, err := spread(count-1, func() error { return x.submit(ctx) }); err != nil { // one was to find it ready
		return 0, 0, err
	}
	took, peak, err := x.drain(ctx)
	if err != nil {
		return 0, 0, err
	}
	perSecond = float64(count) / took.Seconds()
	b.say("%s %.0f/s", filepath.Base(x.binary), perSecond)
	return perSecond, peak, nil
}
