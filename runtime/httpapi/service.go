package httpapi

import (
	_ "embed"
	"net/http"

	"tandem/runtime/httpapi/api"
)

//go:embed openapi.yaml
var document []byte

// Document is openapi.yaml.
func Document() []byte { return document }

// ServiceRoutes are /healthz and /openapi.yaml. They ask nothing of anybody, so
// that they answer whatever else is broken.
func ServiceRoutes(health api.Health) []Route {
	health.Status = api.Ok
	return []Route{
		{Method: http.MethodGet, Path: "/healthz", Serve: func(w http.ResponseWriter, _ *http.Request) error {
			return writeJSON(w, http.StatusOK, health)
		}},
		{Method: http.MethodGet, Path: "/openapi.yaml", Serve: func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "application/yaml")
			_, _ = w.Write(document) // the caller has gone, and nobody is left to tell
			return nil
		}},
	}
}
