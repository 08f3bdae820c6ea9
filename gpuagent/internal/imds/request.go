package imds

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// refresh keeps a token, and replaces it when five sixths of its life are over.
func (c *Client) refresh(ctx context.Context) error {
	if c.token != "" && c.options.Now().Before(c.renew) {
		return nil
	}
	life := c.options.TokenLife
	status, body, err := c.do(ctx, http.MethodPut, tokenPath, "X-aws-ec2-metadata-token-ttl-seconds", strconv.Itoa(int(life.Seconds())))
	switch token := strings.TrimSpace(string(body)); {
	case err != nil:
		return err
	case status == http.StatusForbidden:
		return fmt.Errorf("asking the instance metadata for a token: the service is switched off: %w", ErrNotEC2)
	case status != http.StatusOK || token == "":
		return fmt.Errorf("asking the instance metadata for a token: status %d", status)
	default:
		c.token, c.renew = token, c.options.Now().Add(life*5/6)
		return nil
	}
}

// largest document that is read; they have a few hundred bytes.
const largest = 64 << 10

func (c *Client) do(ctx context.Context, method, path, header, value string) (int, []byte, error) {
	ctx, stop := context.WithTimeout(ctx, c.options.Timeout)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, method, c.options.Endpoint+path, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the instance metadata: %w", err)
	}
	request.Header.Set(header, value)
	response, err := c.options.HTTP.Do(request)
	if err != nil {
		if !c.answered {
			c.quiet = c.options.Now().Add(c.options.QuietFor)
			return 0, nil, fmt.Errorf("asking the instance metadata: %w: %w", ErrNotEC2, err)
		}
		return 0, nil, fmt.Errorf("asking the instance metadata: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	c.answered = true
	body, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		return 0, nil, fmt.Errorf("reading the instance metadata: %w", err)
	}
	return response.StatusCode, body, nil
}
