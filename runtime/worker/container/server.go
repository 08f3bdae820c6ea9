package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ServerOptions says where the model container listens.
type ServerOptions struct {
	// Endpoint, such as http://127.0.0.1:8080. Required.
	Endpoint string
	// PingTimeout bounds one ping. Defaults to 10 s; SageMaker gives 2 s, which a
	// server whose one process is busy with a job often misses.
	PingTimeout time.Duration
	// Transport carries the requests. Defaults to one without proxy, without
	// compression and without connections kept: a container may close an idle
	// connection at the moment of the next job, and a job is not sent twice.
	Transport http.RoundTripper
}

// Server is a model container that stays loaded between jobs.
type Server struct {
	endpoint string
	timeout  time.Duration
	client   *http.Client
}

// NewServer returns the client of a container.
func NewServer(options ServerOptions) (*Server, error) {
	parsed, err := url.Parse(options.Endpoint)
	if err != nil || parsed.Scheme != "http" || parsed.Host == "" {
		return nil, fmt.Errorf("the model container's endpoint %q is not of the form http://host:port", options.Endpoint)
	}
	timeout := options.PingTimeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	transport := options.Transport
	if transport == nil {
		transport = &http.Transport{
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			// A connection serves one job. No Connection: close says so, which makes a
			// server break off what is still on its way when storage is slow.
			MaxIdleConnsPerHost: -1,
			DisableCompression:  true,
			WriteBufferSize:     32 << 10,
			ReadBufferSize:      32 << 10,
		}
	}
	return &Server{
		endpoint: strings.TrimSuffix(options.Endpoint, "/"),
		timeout:  timeout,
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}, nil
}

// Ping asks whether the container takes jobs: a 200 means yes.
func (s *Server) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.endpoint+"/ping", nil)
	if err != nil {
		return fmt.Errorf("asking the container for /ping: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return &Unreachable{Cause: err}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10))
	if response.StatusCode != http.StatusOK {
		return &Failure{Status: response.StatusCode, What: "GET /ping answered"}
	}
	return nil
}

// Invoke posts the job and returns when the container begins to answer. The
// context cuts the connection, also while the body is read.
func (s *Server) Invoke(ctx context.Context, call Call) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint+"/invocations", nil)
	if err != nil {
		return Answer{}, fmt.Errorf("preparing the invocation: %w", err)
	}
	input := &source{reader: call.Input}
	// Many a small server reads Content-Length bytes and knows no chunks.
	request.ContentLength = call.InputSize
	if call.Input != nil && call.InputSize != 0 {
		request.Body = io.NopCloser(input)
	}
	request.Header.Set("Content-Type", call.contentType())
	for name, value := range call.fields() {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		// The transport reports a broken input as its own failure.
		if cause := input.failed(); cause != nil {
			return Answer{}, fmt.Errorf("reading the input of job %s: %w", call.Job, cause)
		}
		if ctx.Err() != nil {
			return Answer{}, fmt.Errorf("invoking the container: %w", context.Cause(ctx))
		}
		return Answer{}, &Unreachable{Cause: unwrapURL(err)}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, textLimit))
		return Answer{}, &Failure{Status: response.StatusCode, Text: string(text), What: "POST /invocations answered"}
	}
	contentType := response.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	return Answer{ContentType: contentType, Size: response.ContentLength, Body: &responseBody{ctx: ctx, body: response.Body}}, nil
}

// unwrapURL drops the method and address that net/http repeats in its errors.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// responseBody tells a container that went away from a body that ended.
type responseBody struct {
	ctx  context.Context
	body io.ReadCloser
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case b.ctx.Err() != nil:
		return n, fmt.Errorf("reading the container's answer: %w", context.Cause(b.ctx))
	default:
		return n, &Unreachable{Cause: err}
	}
}

func (b *responseBody) Close() error { return b.body.Close() }
