// Package imds asks the EC2 instance metadata service (version 2) what this
// instance is, and what has been announced for it. What an announcement means is
// left to the judgement.
package imds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tandem/gpuagent/internal/observe"
)

// Paths of IMDSv2
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, 2026-11-24).
const (
	DefaultEndpoint = "http://169.254.169.254"
	tokenPath       = "/latest/api/token"
	spotPath        = "/latest/meta-data/spot/instance-action"
	rebalancePath   = "/latest/meta-data/events/recommendations/rebalance"
	identityPath    = "/latest/dynamic/instance-identity/document"
)

// ErrNotEC2 says that nothing answers at the service's address, as on a machine
// that is no EC2 instance, or that the service is switched off.
var ErrNotEC2 = errors.New("no EC2 instance metadata")

// Options of a [Client].
type Options struct {
	// Endpoint. Defaults to DefaultEndpoint.
	Endpoint string
	// Timeout of one request. A notice has to be acted upon within 1.5 s of
	// being published, of which a poll each second leaves half of one. Defaults
	// to 400ms; the service answers within a few milliseconds.
	Timeout time.Duration
	// TokenLife is how long a token is asked for, at most 6h. Defaults to 6h.
	TokenLife time.Duration
	// QuietFor is how long nobody is asked after nothing has ever answered at the
	// address, so that a machine outside EC2 spends nothing on it. Defaults to 30s.
	QuietFor time.Duration
	// RebalanceEvery is how often the recommendation to move away is asked for at
	// most; it is no matter of seconds, as a spot notice is. Defaults to 5s.
	RebalanceEvery time.Duration
	// HTTP client. Defaults to one without a proxy that keeps its connection.
	HTTP *http.Client
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Client asks the service. It is not safe for concurrent use.
type Client struct {
	options Options
	token   string
	// renew is when the token is replaced, with a margin before its end.
	renew time.Time
	// answered is set once the service has answered; quiet is until when it is
	// left alone before that.
	answered bool
	quiet    time.Time
	// rebalance is when the recommendation is asked for next, and why it could not
	// be read before that.
	rebalance    time.Time
	rebalanceErr error
	// announced stays announced: EC2 takes no notice back, though a request for
	// it may fail.
	announced observe.Notices
}

// New makes a client.
func New(options Options) *Client {
	if options.Endpoint == "" {
		options.Endpoint = DefaultEndpoint
	}
	if options.Timeout == 0 {
		options.Timeout = 400 * time.Millisecond
	}
	if options.TokenLife == 0 {
		options.TokenLife = 6 * time.Hour
	}
	if options.QuietFor == 0 {
		options.QuietFor = 30 * time.Second
	}
	if options.RebalanceEvery == 0 {
		options.RebalanceEvery = 5 * time.Second
	}
	if options.HTTP == nil {
		options.HTTP = &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConns: 1, IdleConnTimeout: time.Minute}}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Client{options: options}
}

// Notices returns what is announced. What was seen once is returned beside an
// error, too: a service that fails takes nothing back.
func (c *Client) Notices(ctx context.Context) (observe.Notices, error) {
	err := errors.Join(c.readSpot(ctx), c.readRebalance(ctx))
	return c.announced, err
}

func (c *Client) readSpot(ctx context.Context) error {
	var spot struct {
		Action string    `json:"action"`
		Time   time.Time `json:"time"`
	}
	found, err := c.get(ctx, spotPath, &spot)
	if err == nil && found && spot.Action != "" {
		c.announced.Spot = &observe.SpotNotice{Action: spot.Action, Time: spot.Time}
	}
	return err
}

func (c *Client) readRebalance(ctx context.Context) error {
	now := c.options.Now()
	if now.Before(c.rebalance) {
		return c.rebalanceErr
	}
	if c.answered {
		c.rebalance = now.Add(c.options.RebalanceEvery)
	}
	var rebalance struct {
		Noticed time.Time `json:"noticeTime"`
	}
	found, err := c.get(ctx, rebalancePath, &rebalance)
	if err == nil && found && !rebalance.Noticed.IsZero() {
		c.announced.Rebalance = &rebalance.Noticed
	}
	c.rebalanceErr = err
	return err
}

// Identity is what the instance is.
type Identity struct {
	InstanceID       string `json:"instanceId"`
	InstanceType     string `json:"instanceType"`
	AvailabilityZone string `json:"availabilityZone"`
	Region           string `json:"region"`
}

// Identity of the instance. It does not change while it runs.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	var identity Identity
	found, err := c.get(ctx, identityPath, &identity)
	if err == nil && (!found || identity.InstanceID == "") {
		err = fmt.Errorf("reading the instance metadata at %s: it names no instance", identityPath)
	}
	return identity, err
}

// get decodes a document; false if there is none. A token that is refused is
// fetched again, once.
func (c *Client) get(ctx context.Context, path string, into any) (bool, error) {
	if now := c.options.Now(); !c.answered && now.Before(c.quiet) {
		return false, fmt.Errorf("asking the instance metadata for %s: nothing has ever answered: %w", path, ErrNotEC2)
	}
	for range 2 {
		if err := c.refresh(ctx); err != nil {
			return false, err
		}
		status, body, err := c.do(ctx, http.MethodGet, path, "X-aws-ec2-metadata-token", c.token)
		switch {
		case err != nil:
			return false, err
		case status == http.StatusNotFound:
			return false, nil
		case status == http.StatusUnauthorized:
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
