package measure

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/keys"
	keymemory "tandem/runtime/keys/memory"
	"tandem/runtime/webhooks/target"
)

// workerName is whom all jobs are for, and shortJob what one looks like.
const (
	workerName = "analyser"
	shortJob   = `{"worker":"` + workerName + `","input":{"document":"s3://bucket/key","question":"what does it say?"},"metadata":{"order":"7"}}`
)

var lanes = []jobs.Lane{
	{Worker: workerName, Priority: jobs.High}, {Worker: workerName, Priority: jobs.Normal}, {Worker: workerName, Priority: jobs.Low},
}

// newAPI makes the HTTP API as it is deployed, access log included, without a
// limit of the rate, and a bearer key for it.
func newAPI(ctx context.Context, service httpapi.Jobs) (http.Handler, string, error) {
	stored := &keymemory.Store{}
	token, _, err := keys.Issue(ctx, stored, keys.Request{Tenant: "acme"}, time.Now(), rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("making a key: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	routes := append(httpapi.ServiceRoutes(api.Health{Application: "tandem", Environment: "bench"}),
		httpapi.JobRoutes(httpapi.JobOptions{Jobs: service, Lanes: lanes, CheckWebhook: target.Policy{}.Check, Log: log})...)
	return httpapi.New(httpapi.Options{
		Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: stored}},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: 1 << 30, Burst: 1 << 30}), Log: log,
	}, routes...), token.Reveal(), nil
}

// memoryAPI is the API over the memory store.
func memoryAPI(ctx context.Context) (http.Handler, string, error) {
	return newAPI(ctx, jobs.NewService(jobs.ServiceOptions{
		Store: memory.NewStore(), Queue: memory.NewQueue(lanes...), Blobs: memory.NewBlobs("http://blobs.test"), Lanes: lanes,
	}))
}

// submitTo submits one short job to a handler, without a socket.
func submitTo(ctx context.Context, handler http.Handler, key string) error {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/jobs", strings.NewReader(shortJob))
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusAccepted {
		return fmt.Errorf("the API answered %d: %s", answer.Code, answer.Body)
	}
	return nil
}
