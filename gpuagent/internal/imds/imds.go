// Package imds asks the EC2 instance metadata service (version 2) what has been
// announced for this instance.
package imds

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

// Paths and headers of IMDSv2
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, 2026-11-24).
const (
	DefaultEndpoint = "http://169.254.169.254"
	tokenPath       = "/latest/api/token"
	spotPath        = "/latest/meta-data/spot/instance-action"
	rebalancePath   = "/latest/meta-data/events/recommendations/rebalance"
	tokenLife       = 6 * time.Hour
)

// Options of a [Client].
type Options struct {
	// Endpoint. Defaults to DefaultEndpoint.
	Endpoint string
	// HTTP client. Defaults to one that gives up after a second.
	HTTP *http.Client
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Client reads notices. It is not safe for concurrent use.
type Client struct {
	options Options
	token   string
	expires time.Time
}

// New makes a client.
func New(options Options) *Client {
	if options.Endpoint == "" {
		options.Endpoint = DefaultEndpoint
	}
	if options.HTTP == nil {
		options.HTTP = &http.Client{Timeout: time.Second, Transport: &http.Transport{Proxy: nil}}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Client{options: options}
}

// Read implements [agent.NoticeReader].
func (c *Client) Read(ctx context.Context) (agent.Notices, error) {
	var notices agent.Notices
	var spot struct {
		Action string    `json:"action"`
		Time   time.Time `json:"time"`
	}
	found, err := c.get(ctx, spotPath, &spot)
	if err != nil {
		return notices, err
	}
	if found {
		notices.Spot = &nodestatus.SpotNotice{Action: spot.Action, Time: spot.Time}
	}
	var rebalance struct {
		Noticed time.Time `json:"noticeTime"`
	}
	if found, err = c.get(ctx, rebalancePath, &rebalance); err != nil {
		return agent.Notices{}, err
	}
	if found {
		notices.Rebalance = &rebalance.Noticed
	}
	return notices, nil
}

// get decodes a document; false if there is none. A token that is refused is
// fetched again, once.
func (c *Client) get(ctx context.Context, path string, into any) (bool, error) {
	for attempt := range 2 {
		if err := c.refresh(ctx); err != nil {
			return false, err
		}
		status, body, err := c.do(ctx, http.MethodGet, path, "X-aws-ec2-metadata-token", c.token)
		switch {
		case err != nil:
			return false, err
		case status == http.StatusNotFound:
			return false, nil
		case status == http.StatusUnauthorized && attempt == 0:
			c.token = ""
		case status != http.StatusOK:
			return false, fmt.Errorf("asking the instance metadata for %s: status %d", path, status)
		default:
			if err := json.Unmarshal(body, into); err != nil {
				return false, fmt.Errorf("reading the instance metadata at %s: %w", path, err)
			}
			return true, nil
		}
	}
	return false, fmt.Errorf("asking the instance metadata for %s: a new token is refused too", path)
}

// refresh keeps a token with an hour to spare.
func (c *Client) refresh(ctx context.Context) error {
	if c.token != "" && c.options.Now().Before(c.expires) {
		return nil
	}
	status, body, err := c.do(ctx, http.MethodPut, tokenPath, "X-aws-ec2-metadata-token-ttl-seconds", fmt.Sprint(int(tokenLife.Seconds())))
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("asking the instance metadata for a token: status %d", status)
	}
	c.token, c.expires = strings.TrimSpace(string(body)), c.options.Now().Add(tokenLife-time.Hour)
	return nil
}

// largest document that is read; they have a few hundred bytes.
const largest = 64 << 10

func (c *Client) do(ctx context.Context, method, path, header, value string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.options.Endpoint+path, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the instance metadata: %w", err)
	}
	request.Header.Set(header, value)
	response, err := c.options.HTTP.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the instance metadata: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		return 0, nil, fmt.Errorf("reading the instance metadata: %w", err)
	}
	return response.StatusCode, body, nil
}
