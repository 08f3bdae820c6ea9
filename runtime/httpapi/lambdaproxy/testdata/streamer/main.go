// Streamer is a function for tests: it streams numbered lines, answers in one
// piece, or panics, by resource.
package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"tandem/runtime/httpapi/lambdaproxy"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "line %d of %s\n", i, r.PathValue("id"))
		}
		<-r.Context().Done()
	})
	mux.HandleFunc("GET /stream/{id}/missing", http.NotFound)
	mux.HandleFunc("GET /panic/early", func(http.ResponseWriter, *http.Request) { panic("early") })
	mux.HandleFunc("GET /panic/late", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "begun\n")
		panic("late")
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	lambda.Start(lambdaproxy.Proxy{Handler: mux, Streams: []string{
		"/stream/{id}", "/stream/{id}/missing", "/panic/early", "/panic/late"}}.Handle)
}
