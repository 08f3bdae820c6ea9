package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/keys"
)

// reply is what a caller of the API gets.
type reply struct {
	status int
	body   []byte
}

// passing tells whether a caller should try again.
func (r reply) passing() bool { return r.status >= 500 || r.status == http.StatusTooManyRequests }

// gatewayLimit is how long API Gateway waits for a function.
const gatewayLimit = 29 * time.Second

// call does what API Gateway does with a request, its authorizer having let it pass.
func (r *run) call(ctx context.Context, tenant, method, resource, id, key string, body any) reply {
	path := strings.Replace(resource, "{id}", id, 1)
	event := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, Path: path, Headers: map[string]string{"Content-Type": "application/json"},
		RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live" + path,
			Authorizer: lambdaproxy.Context(keys.Identity{Tenant: tenant, KeyID: "key", Scopes: keys.CallerScopes()})},
	}
	if key != "" {
		event.Headers["Idempotency-Key"] = key
	}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return reply{status: 400, body: fmt.Append(nil, err)}
		}
		event.Body = string(raw)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return reply{status: 400, body: fmt.Append(nil, err)}
	}
	answer, err := r.api.Invoke(ctx, payload, gatewayLimit)
	var response events.APIGatewayProxyResponse
	if err == nil {
		err = json.Unmarshal(answer, &response)
	}
	if err != nil {
		return reply{status: http.StatusBadGateway, body: fmt.Append(nil, err)}
	}
	return reply{status: response.StatusCode, body: []byte(response.Body)}
}

// insist calls until the answer is more than "try again".
func (r *run) insist(ctx context.Context, tenant, method, resource, id, key string, body any) reply {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 3*time.Second) {
		got := r.call(ctx, tenant, method, resource, id, key, body)
		if !got.passing() || ctx.Err() != nil {
			return got
		}
		r.counts.add(fmt.Sprintf("requests answered %d and repeated", got.status), 1)
		sleep(ctx, wait)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
