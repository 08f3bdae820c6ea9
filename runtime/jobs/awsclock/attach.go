package awsclock

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Attach lets every client made from the configuration feed the clock.
func (c *Clock) Attach(config *aws.Config) {
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		// First of all in this step is nearest to the wire: each attempt of a
		// request is observed by itself.
		return stack.Deserialize.Add(observer{c}, middleware.After)
	})
}

type observer struct{ clock *Clock }

// ID implements middleware.DeserializeMiddleware.
func (observer) ID() string { return "TandemServerTime" }

// HandleDeserialize implements middleware.DeserializeMiddleware.
func (o observer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	sent := o.clock.read()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	received := o.clock.read()
	if response, ok := out.RawResponse.(*smithyhttp.Response); ok && response != nil && response.Response != nil {
		if date, parsed := parseDate(response.Header.Get("Date")); parsed {
			o.clock.observe(sent, received, date)
		}
	}
	return out, metadata, err
}

// parseDate reads a Date header; false for one that is absent or absurd.
func parseDate(header string) (time.Time, bool) {
	if header == "" {
		return time.Time{}, false
	}
	date, err := http.ParseTime(header)
	if err != nil || date.Year() < 2000 || date.Year() > 9999 {
		return time.Time{}, false
	}
	return date, true
}
