package s3blobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/s3blobs"
	"tandem/test/emulator"
	"tandem/test/steadyhttp"
)

// wire lets a test get between the client and the emulator.
type wire struct {
	next  aws.HTTPClient
	fault func(request *http.Request, next aws.HTTPClient) (*http.Response, error)
}

func (w *wire) Do(request *http.Request) (*http.Response, error) {
	if w.fault == nil {
		return w.next.Do(request)
	}
	return w.fault(request, w.next)
}

func open(t *testing.T, config aws.Config) (*s3blobs.Blobs, *wire, func() int) {
	t.Helper()
	w := &wire{next: steadyhttp.New()}
	config.HTTPClient = w
	client, bucket := s3.NewFromConfig(config), "blobs-"+uuid.NewString()
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	require.NoError(t, err)
	unfinished := func() int {
		w.fault = nil
		out, err := client.ListMultipartUploads(context.WithoutCancel(t.Context()), &s3.ListMultipartUploadsInput{Bucket: &bucket})
		require.NoError(t, err)
		return len(out.Uploads)
	}
	return s3blobs.New(s3blobs.Options{Client: client, Bucket: bucket, PartSize: 5 << 20, Buffers: 2}), w, unfinished
}

var errCut = errors.New("the connection was cut")

// cutting breaks off every answer of more bytes.
type cutting struct {
	after    int64
	requests atomic.Int32
}

func (c *cutting) do(request *http.Request, next aws.HTTPClient) (*http.Response, error) {
	response, err := next.Do(request)
	if err == nil && request.Method == http.MethodGet && response.StatusCode < 300 && response.ContentLength > c.after {
		c.requests.Add(1)
		body := response.Body
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(body, c.after), failing{}), body}
	}
	return response, err
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCut }

func TestBlobsSurviveFaultsOfTheNetwork(t *testing.T) {
	config := emulator.ForTest(t, emulator.Options{}).Config()
	content := []byte(strings.Repeat("0123456789abcde\n", 1<<16))
	put := func(t *testing.T, blobs *s3blobs.Blobs, content []byte) {
		t.Helper()
		_, err := blobs.Put(t.Context(), "k", bytes.NewReader(content), jobs.PutOptions{})
		require.NoError(t, err)
	}

	t.Run("a download that is cut goes on where it was", func(t *testing.T) {
		blobs, wire, _ := open(t, config)
		put(t, blobs, content)
		cut := &cutting{after: 300_000}
		wire.fault = cut.do
		body, info, err := blobs.Get(t.Context(), "k")
		require.NoError(t, err)
		defer body.Close()
		require.Equal(t, int64(len(content)), info.Size)
		got, err := io.ReadAll(body)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, got))
		require.Equal(t, int32(3), cut.requests.Load())
	})
	t.Run("a download that never gets on fails", func(t *testing.T) {
		blobs, wire, _ := open(t, config)
		put(t, blobs, content)
		cut := &cutting{after: 0}
		wire.fault = cut.do
		body, _, err := blobs.Get(t.Context(), "k")
		require.NoError(t, err)
		defer body.Close()
		_, err = io.ReadAll(body)
		require.ErrorIs(t, err, errCut)
		require.ErrorContains(t, err, "byte 0 of")
		require.Less(t, cut.requests.Load(), int32(10))
	})
	t.Run("a download whose blob was replaced meanwhile fails rather than mix both", func(t *testing.T) {
		blobs, wire, _ := open(t, config)
		put(t, blobs, content)
		cut := &cutting{after: 300_000}
		wire.fault = cut.do
		body, _, err := blobs.Get(t.Context(), "k")
		require.NoError(t, err)
		defer body.Close()
		put(t, blobs, bytes.ToUpper(content))
		_, err = io.ReadAll(body)
		require.ErrorContains(t, err, "PreconditionFailed")
	})
	t.Run("an upload of which a part is refused leaves no parts behind", func(t *testing.T) {
		blobs, wire, unfinished := open(t, config)
		wire.fault = func(request *http.Request, next aws.HTTPClient) (*http.Response, error) {
			if request.URL.Query().Get("partNumber") == "2" {
				return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: request}, nil
			}
			return next.Do(request)
		}
		_, err := blobs.Put(t.Context(), "k", bytes.NewReader(make([]byte, 40<<20)), jobs.PutOptions{})
		require.ErrorContains(t, err, "part 2")
		require.Zero(t, unfinished())
		_, err = blobs.Head(t.Context(), "k")
		require.ErrorIs(t, err, jobs.ErrNoBlob)
		// Its buffers are free again.
		put(t, blobs, make([]byte, 20<<20))
	})
	t.Run("an upload that is called off leaves no parts behind", func(t *testing.T) {
		blobs, _, unfinished := open(t, config)
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(bytes.NewReader(make([]byte, 12<<20)), cancelling(cancel), bytes.NewReader(make([]byte, 12<<20)))
		_, err := blobs.Put(ctx, "k", body, jobs.PutOptions{})
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, unfinished())
	})
}

type cancelling context.CancelFunc

func (c cancelling) Read([]byte) (int, error) { c(); return 0, io.EOF }
