package modelsapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"tandem/runtime/httpapi"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
	"tandem/runtime/models"
)

// Router finds who answers; *models.Router.
type Router interface {
	Chat(ctx context.Context, call models.Call) (*models.Answer, error)
	ChatStream(ctx context.Context, call models.Call, send func(chunk json.RawMessage) error) (models.Served, error)
	Embeddings(ctx context.Context, call models.Call) (*models.Answer, error)
	Models() []models.Model
}

// Jobs takes over what cannot be answered in time; *jobs.Service.
type Jobs interface {
	Submit(ctx context.Context, submission jobs.Submission) (jobs.Job, bool, error)
	// StoreUpload keeps an input that is too large for Submit and returns the id to submit.
	StoreUpload(ctx context.Context, tenant, contentType string, content []byte) (string, error)
}

// Waker tells the capacity controller that a job may have met an idle fleet.
type Waker interface {
	Wake(ctx context.Context, worker string)
}

// Options of the routes.
type Options struct {
	// Router is required.
	Router Router
	// Jobs defaults to none: no request becomes a job.
	Jobs Jobs
	// Waker is told of such jobs. Defaults to nobody.
	Waker Waker
	// Timeout of an answer in one piece, and of the first token of a stream that
	// may become a job. Defaults to 29 s, all that API Gateway gives an answer that
	// it does not stream.
	Timeout time.Duration
	// StreamFor bounds one stream. Defaults to 14 min 30 s: API Gateway cuts after
	// 15 min (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, 2026-11-24).
	StreamFor time.Duration
	// KeepAlive is how often a silent stream says that it lives; idle ones are cut
	// after 5 min. Defaults to 15 s.
	KeepAlive time.Duration
	// BodyWithin is how long a client may take to send its request's body. Defaults
	// to 2 min: 6 MiB at half a megabit a second.
	BodyWithin time.Duration
	// Log is required.
	Log *slog.Logger
}

// The paths of what models are asked.
const (
	chatPath       = "/v1/chat/completions"
	embeddingsPath = "/v1/embeddings"
)

// StreamedPaths are those whose answers a gateway should pass on as they come:
// they may take longer than the 29 s that it gives others.
func StreamedPaths() []string { return []string{chatPath, embeddingsPath} }

// MaxSilence is how long an answer in one piece may take behind API Gateway, which
// cuts a response that has been silent for 5 min
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html, 2026-11-24).
const MaxSilence = 5*time.Minute - 5*time.Second

// maxBody is as much as a Lambda function can be given, 6 MB, in bytes
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 2026-11-24).
// The same holds everywhere, so that what works locally works when deployed.
const maxBody = 6 << 20

// margin is kept back of a request's time to say how it ended.
const margin = 2 * time.Second

// Routes are those below /v1/chat, /v1/embeddings and /v1/models.
func Routes(options Options) []httpapi.Route {
	if options.Timeout == 0 {
		options.Timeout = 29 * time.Second
	}
	if options.StreamFor == 0 {
		options.StreamFor = 14*time.Minute + 30*time.Second
	}
	if options.KeepAlive == 0 {
		options.KeepAlive = 15 * time.Second
	}
	if options.BodyWithin == 0 {
		options.BodyWithin = 2 * time.Minute
	}
	a := &modelsAPI{options: options, created: time.Now().Unix(), overflow: map[string]string{}}
	for _, model := range options.Router.Models() {
		if options.Jobs != nil && model.Overflow != "" {
			a.overflow[model.Name] = model.Overflow
		}
	}
	return []httpapi.Route{
		{Method: http.MethodPost, Path: chatPath, Scope: keys.ScopeModels, MaxBody: maxBody, Serve: a.chat, Fail: fail},
		{Method: http.MethodPost, Path: embeddingsPath, Scope: keys.ScopeModels, MaxBody: maxBody, Serve: a.embeddings, Fail: fail},
		{Method: http.MethodGet, Path: "/v1/models", Scope: keys.ScopeModels, Serve: a.list, Fail: fail},
		{Method: http.MethodGet, Path: "/v1/models/{model}", Scope: keys.ScopeModels, Serve: a.get, Fail: fail},
	}
}

type modelsAPI struct {
	options Options
	// created is the age that all models are said to have.
	created int64
	// overflow is the worker of each model that has one.
	overflow map[string]string
}
