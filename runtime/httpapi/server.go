package httpapi

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/httpapi/request"
	"tandem/runtime/jobs"
)

// Options of the API.
type Options struct {
	// Authenticator finds out who calls. Required.
	Authenticator auth.Authenticator
	// Limiter of each tenant's rate. Required.
	Limiter *ratelimit.Limiter
	// Log is required. It never gets bodies, queries or headers.
	Log *slog.Logger
	// NewRequestID defaults to 128 random bits. It is asked where the platform has given no id.
	NewRequestID func() string
}

type server struct {
	options Options
	mux     *http.ServeMux
}

// New makes the API of its routes. It panics when two of them are the same.
func New(options Options, routes ...Route) http.Handler {
	if options.NewRequestID == nil {
		options.NewRequestID = rand.Text
	}
	s := &server{options: options, mux: http.NewServeMux()}
	methods, shapes := map[string][]string{}, map[string]Route{}
	for _, route := range routes {
		s.mux.Handle(route.Method+" "+route.Path, s.handle(route))
		methods[route.Path] = append(methods[route.Path], route.Method)
		shapes[route.Path] = route
		if route.Method == http.MethodGet {
			methods[route.Path] = append(methods[route.Path], http.MethodHead)
		}
	}
	for path, allowed := range methods {
		slices.Sort(allowed)
		s.mux.Handle(path, s.handle(Route{Fail: shapes[path].Fail, Serve: func(http.ResponseWriter, *http.Request) error {
			return &problem.Error{Status: http.StatusMethodNotAllowed, Detail: "Use " + strings.Join(allowed, " or ") + ".",
				Header: http.Header{"Allow": {strings.Join(allowed, ", ")}}}
		}}))
	}
	if _, taken := methods["/"]; !taken {
		s.mux.Handle("/", s.handle(Route{Serve: unknownPath}))
	}
	return s
}

func unknownPath(http.ResponseWriter, *http.Request) error {
	return problem.New(http.StatusNotFound, "There is no such path; /openapi.yaml lists them.")
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// ServeMux would redirect to the clean path; a client of an API is better told.
	if r.URL.Path == "" || r.URL.Path[0] != '/' || r.URL.Path != "/" && path.Clean(r.URL.Path) != strings.TrimSuffix(r.URL.Path, "/") {
		s.handle(Route{Serve: unknownPath}).ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// handle puts before a route what all of them have in common.
func (s *server) handle(route Route) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		began := time.Now()
		info := request.From(r.Context())
		if info.ID == "" {
			info.ID = s.options.NewRequestID()
		}
		w := &responseWriter{ResponseWriter: out}
		w.Header().Set("X-Request-Id", info.ID)
		exchange := &exchange{server: s, route: &route, info: info, began: began}
		defer func() {
			if fault := recover(); fault != nil {
				exchange.panicked(w, r, fault)
			}
			exchange.log(w, r)
		}()
		if err := exchange.serve(w, r); err != nil {
			exchange.fail(w, err)
		}
	})
}

// exchange is one request and its answer.
type exchange struct {
	*server
	route  *Route
	info   request.Info
	began  time.Time
	tenant string
	key    string
	cause  error
}

func (e *exchange) serve(w http.ResponseWriter, r *http.Request) error {
	ctx := request.With(r.Context(), e.info)
	if e.route.Scope != "" {
		identity, err := e.options.Authenticator.Authenticate(r)
		if err != nil {
			return err
		}
		e.tenant, e.key = identity.Tenant, identity.KeyID
		if wait := e.options.Limiter.Allow(identity); wait > 0 {
			return &problem.Error{Status: http.StatusTooManyRequests, Detail: "The tenant's rate is used up.", RetryAfter: wait}
		}
		if err := auth.Require(identity, e.route.Scope); err != nil {
			return err
		}
		ctx = auth.With(ctx, identity)
	}
	r = r.WithContext(ctx)
	if e.route.MaxBody > 0 {
		if r.ContentLength > e.route.MaxBody {
			return tooLarge(e.route.MaxBody)
		}
		if r.ContentLength <= 0 { // what was announced is no more than was said
			r.Body = http.MaxBytesReader(w, r.Body, e.route.MaxBody)
		}
	}
	return e.route.Serve(w, r)
}

func tooLarge(limit int64) error {
	return problem.New(http.StatusRequestEntityTooLarge, fmt.Sprintf(
		"The body may have %d bytes at most; put a larger input into an upload slot (POST /v1/uploads).", limit))
}

func (e *exchange) fail(w *responseWriter, err error) {
	e.cause = err
	if w.status != 0 {
		return // too late to say so
	}
	e.route.fail()(w, e.info.ID, problem.As(err))
}

func (e *exchange) panicked(w *responseWriter, r *http.Request, fault any) {
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	e.options.Log.ErrorContext(r.Context(), "handler panicked", "request", e.info.ID, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
	e.fail(w, fmt.Errorf("the handler panicked: %v", fault))
}

// log writes the access log: one line a request, without anything that the
// caller may not want to be kept.
func (e *exchange) log(w *responseWriter, r *http.Request) {
	level := slog.LevelInfo
	if w.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	handler := e.options.Log.Handler()
	if !handler.Enabled(r.Context(), level) {
		return
	}
	now := time.Now()
	attributes := make([]slog.Attr, 0, 11)
	attributes = append(attributes,
		slog.String("request", e.info.ID), slog.String("method", r.Method), slog.String("path", e.route.Path),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes),
		slog.Float64("ms", float64(now.Sub(e.began).Microseconds())/1000))
	if e.tenant != "" {
		attributes = append(attributes, slog.String("tenant", e.tenant), slog.String("key", e.key))
	}
	if id := r.PathValue("id"); jobs.ValidID(id) {
		attributes = append(attributes, slog.String("job", id))
	}
	if e.cause != nil && w.status >= http.StatusInternalServerError {
		attributes = append(attributes, slog.String("error", cause(e.cause)))
	}
	// Without the place in the source, which costs a walk up the stack and is
	// always this one.
	record := slog.NewRecord(now, level, "request", 0)
	record.AddAttrs(attributes...)
	_ = handler.Handle(r.Context(), record) // as slog.Logger does
}

// cause is what an operator must know of an error.
func cause(err error) string {
	if hidden := problem.As(err).Cause; hidden != nil {
		return hidden.Error()
	}
	return err.Error()
}

// responseWriter remembers what was answered.
type responseWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *responseWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
