package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/problem"
	"tandem/runtime/jobs"
)

// validation gathers everything that is wrong with a request.
type validation struct {
	status int
	fields []api.FieldError
	// refused fields are well formed, but this deployment cannot serve them.
	refused []api.FieldError
}

func (v *validation) add(field api.FieldError)    { v.fields = append(v.fields, field) }
func (v *validation) refuse(field api.FieldError) { v.refused = append(v.refused, field) }

func (v *validation) err() error {
	switch {
	case v.fields != nil:
		return problem.Invalid(v.status, append(v.fields, v.refused...)...)
	case v.refused != nil:
		return problem.Invalid(http.StatusUnprocessableEntity, v.refused...)
	default:
		return nil
	}
}

// Bounds of metadata, as in openapi.yaml.
const (
	maxMetadataEntries = 64
	maxMetadataName    = 128
	maxMetadataValue   = 1024
)

func (v *validation) metadata(metadata map[string]string) {
	size := 0
	for name, value := range metadata {
		size += len(name) + len(value)
		if length := utf8.RuneCountInString(name); length == 0 || length > maxMetadataName {
			v.add(problem.Body("/metadata", fmt.Sprintf("names must have 1 to %d characters", maxMetadataName)))
			return
		}
		if utf8.RuneCountInString(value) > maxMetadataValue {
			v.add(problem.Body("/metadata/"+escapePointer(name), fmt.Sprintf("must have at most %d characters", maxMetadataValue)))
			return
		}
	}
	if len(metadata) > maxMetadataEntries {
		v.add(problem.Body("/metadata", fmt.Sprintf("must have at most %d entries", maxMetadataEntries)))
	}
	if size > jobs.MaxMetadata {
		v.add(problem.Body("/metadata", fmt.Sprintf("must have at most %d bytes of names and values together", jobs.MaxMetadata)))
	}
}

var (
	contentTypePattern    = regexp.MustCompile("^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")
	idempotencyKeyPattern = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
)

func validContentType(value string) bool {
	return len(value) <= jobs.MaxContentType && contentTypePattern.MatchString(value)
}

func validIdempotencyKey(key string) bool {
	return len(key) <= jobs.MaxIdempotencyKey && idempotencyKeyPattern.MatchString(key)
}

// listRequest is the query of a list.
type listRequest struct {
	filter jobs.Filter
	cursor string
	limit  int
}

// parseList is strict about names: a filter that was misspelt would list everything.
func parseList(query url.Values, tenant string) (listRequest, error) {
	var request listRequest
	v := &validation{status: http.StatusBadRequest}
	for name, values := range query {
		switch {
		case !slices.Contains([]string{"state", "worker", "limit", "cursor"}, name):
			v.add(problem.Parameter(name, "is not a parameter of this request; there are state, worker, limit and cursor"))
		case name != "state" && len(values) > 1:
			v.add(problem.Parameter(name, "is given twice"))
		}
	}
	for _, value := range query["state"] {
		state := jobs.State(value)
		if !state.Valid() {
			v.add(problem.Parameter("state", "must be queued, running, succeeded, failed, cancelled or expired"))
			break
		}
		request.filter.States = append(request.filter.States, state)
	}
	slices.Sort(request.filter.States)
	request.filter.States = slices.Compact(request.filter.States)
	if query.Has("worker") {
		if request.filter.Worker = query.Get("worker"); !jobs.ValidWorker(request.filter.Worker) {
			v.add(problem.Parameter("worker", "must be 1 to 32 letters, digits or - _ . @"))
		}
	}
	if query.Has("limit") {
		limit, err := strconv.Atoi(query.Get("limit"))
		if request.limit = limit; err != nil || limit < 1 || limit > jobs.MaxLimit {
			v.add(problem.Parameter("limit", fmt.Sprintf("must be 1 to %d", jobs.MaxLimit)))
		}
	}
	if query.Has("cursor") {
		cursor, ok := openCursor(query.Get("cursor"), tenant, request.filter)
		if request.cursor = cursor; !ok {
			v.add(badCursor)
		}
	}
	return request, v.err()
}

var badCursor = problem.Parameter("cursor", "must be the next of a list with the same filters")

// escapePointer makes a name part of a JSON pointer (RFC 6901).
func escapePointer(name string) string {
	var escaped []byte
	for i := range len(name) {
		switch name[i] {
		case '~':
			escaped = append(escaped, "~0"...)
		case '/':
			escaped = append(escaped, "~1"...)
		default:
			escaped = append(escaped, name[i])
		}
	}
	return string(escaped)
}
