package request

import (
	"io"
	"net/http"
)

// ReadBody returns a request's whole body. One that tells its length, which the
// route has bounded before, is read in one piece. The error is net/http's own:
// an http.MaxBytesError where the body is larger than the route takes.
func ReadBody(r *http.Request) ([]byte, error) {
	if r.ContentLength <= 0 {
		return io.ReadAll(r.Body)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}
