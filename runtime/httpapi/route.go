package httpapi

import (
	"net/http"

	"tandem/runtime/httpapi/problem"
	"tandem/runtime/keys"
)

// Route is one method of one path.
type Route struct {
	// Method, such as POST. GET answers HEAD too.
	Method string
	// Path, such as /v1/jobs/{id}.
	Path string
	// Scope that the caller needs; empty needs no caller.
	Scope keys.Scope
	// MaxBody in bytes. A body that is larger is a 413, before it is read where
	// its length was announced. 0 takes no body, and what is sent is ignored.
	MaxBody int64
	// Serve answers, or returns a problem (see package problem) before it has written anything.
	Serve func(w http.ResponseWriter, r *http.Request) error
	// Fail answers with a problem. Defaults to problem.Write; routes that mimic
	// another API have that API's shape.
	Fail func(w http.ResponseWriter, instance string, p *problem.Error)
}

func (r Route) fail() func(http.ResponseWriter, string, *problem.Error) {
	if r.Fail == nil {
		return problem.Write
	}
	return r.Fail
}
