package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"tandem/runtime/httpapi/api"
)

// Options of a [Client].
type Options struct {
	// URL where the API begins, such as https://api.example.com. Required.
	URL string
	// Key is sent as a bearer token. Required but for [Client.Health].
	Key string
	// HTTP carries the requests. Defaults to a client that waits 2 min for an
	// answer to begin, and then as long as it takes.
	HTTP *http.Client
	// Retries of a request that met a 429, a 5xx or no answer. Defaults to 4; -1 is none.
	Retries int
	// RetryWait before the first repetition, doubled for each further one; an
	// answer's Retry-After comes first. Defaults to 500 ms.
	RetryWait time.Duration
}

// Client of the API. It is safe for concurrent use.
type Client struct {
	base    string
	key     string
	http    *retryablehttp.Client
	stream  *http.Client
	wait    time.Duration
	retries int
}

// New makes a client.
func New(options Options) (*Client, error) {
	at, err := url.Parse(options.URL)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, fmt.Errorf("the API's URL %q is not of the form https://host/path", options.URL)
	}
	if options.HTTP == nil {
		transport := cleanhttp.DefaultPooledTransport()
		transport.ResponseHeaderTimeout = 2 * time.Minute
		options.HTTP = &http.Client{Transport: transport}
	}
	if options.Retries == 0 {
		options.Retries = 4
	}
	if options.RetryWait == 0 {
		options.RetryWait = 500 * time.Millisecond
	}
	repeating := retryablehttp.NewClient()
	repeating.HTTPClient = options.HTTP
	repeating.Logger = nil
	repeating.RetryMax = max(0, options.Retries)
	repeating.RetryWaitMin = options.RetryWait
	repeating.RetryWaitMax = 16 * options.RetryWait
	// The last answer says more than "giving up after 4 attempts".
	repeating.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return &Client{
		base: strings.TrimSuffix(at.String(), "/"), key: options.Key, http: repeating,
		stream: options.HTTP, wait: options.RetryWait, retries: max(0, options.Retries),
	}, nil
}

// URL where the API begins, without a slash at the end.
func (c *Client) URL() string { return c.base }

// call sends a request with a JSON body, or none, and decodes the answer.
func (c *Client) call(ctx context.Context, method, path string, header http.Header, body, answer any) error {
	var raw any
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
		raw = encoded
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, method, c.base+path, raw)
	if err != nil {
		return fmt.Errorf("asking %s: %w", c.base, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	c.authorize(request.Header)
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(ctx, c.base, err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return refused(response)
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w; is that the URL of the API?", c.base, err)
	}
	return nil
}

func (c *Client) authorize(header http.Header) {
	header.Set("User-Agent", "tandem-cli")
	if c.key != "" {
		header.Set("Authorization", "Bearer "+c.key)
	}
}

// unreachable says who does not answer, and why. The URL in a *url.Error, and
// the query of any, may hold a signature and are left out.
func unreachable(ctx context.Context, whom string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	whom, _, _ = strings.Cut(whom, "?")
	return &Error{Detail: fmt.Sprintf("%s does not answer: %v", whom, err)}
}

// Health asks whether the API is up. It needs no key.
func (c *Client) Health(ctx context.Context) (api.Health, error) {
	var health api.Health
	err := c.call(ctx, http.MethodGet, "/healthz", nil, nil, &health)
	return health, err
}

// refused makes an error of an answer that says no.
func refused(response *http.Response) error {
	failure := &Error{Status: response.StatusCode, Detail: http.StatusText(response.StatusCode)}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var told api.Problem
	if json.Unmarshal(body, &told) == nil {
		failure.Instance, failure.Fields = told.Instance, told.Errors
		if told.Detail != "" {
			failure.Detail = told.Detail
		} else if told.Title != "" {
			failure.Detail = told.Title
		}
		// API Gateway itself answers {"message": "..."}.
		var gateway struct{ Message string }
		if told.Status == 0 && json.Unmarshal(body, &gateway) == nil && gateway.Message != "" {
			failure.Detail = gateway.Message
		}
	} else if text := string(bytes.TrimSpace(body)); text != "" && len(text) < 200 {
		failure.Detail = text
	}
	return failure
}
