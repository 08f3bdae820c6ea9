// Package buffering is a proxy for Lambda's Runtime API that turns streamed
// answers into whole ones.
package buffering

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A streamed answer is marked by its content type: JSON with status and
// headers, eight zero bytes, the body
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html, 2026-11-24).
const streamType = "application/vnd.awslambda.http-integration-response"

var separator = make([]byte, 8)

// Proxy hands requests on to the Runtime API at an address, host:port.
func Proxy(address string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: address})
			if strings.HasPrefix(r.In.Header.Get("Content-Type"), streamType) {
				collect(r)
			}
		},
	}
}

// collect replaces a streamed answer by the answer of a buffered integration.
// One that broke off becomes no answer at all, which is reported as the
// function's error.
func collect(r *httputil.ProxyRequest) {
	raw, err := io.ReadAll(r.In.Body)
	if fault := r.In.Trailer.Get("Lambda-Runtime-Function-Error-Type"); err == nil && fault != "" {
		err = fmt.Errorf("the function failed while it streamed: %s", fault)
	}
	var answer []byte
	if err == nil {
		answer, err = Whole(raw)
	}
	if err != nil {
		r.Out.URL.Path = strings.TrimSuffix(r.Out.URL.Path, "/response") + "/error"
		answer, _ = json.Marshal(map[string]string{"errorType": "Stream", "errorMessage": err.Error()})
	}
	r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	r.Out.TransferEncoding, r.Out.Trailer = nil, nil
	r.Out.Header.Set("Content-Type", "application/json")
	r.Out.Header.Del("Lambda-Runtime-Function-Response-Mode")
	r.Out.Header.Del("Trailer")
}

// Whole returns what a buffered integration makes the same answer from.
func Whole(stream []byte) ([]byte, error) {
	prelude, body, found := bytes.Cut(stream, separator)
	if !found {
		return nil, fmt.Errorf("buffering a streamed answer: no body after %d bytes", len(stream))
	}
	answer := map[string]any{}
	if err := json.Unmarshal(prelude, &answer); err != nil {
		return nil, fmt.Errorf("buffering a streamed answer: %w", err)
	}
	answer["body"], answer["isBase64Encoded"] = string(body), false
	if !utf8.Valid(body) {
		answer["body"], answer["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	}
	return json.Marshal(answer)
}
