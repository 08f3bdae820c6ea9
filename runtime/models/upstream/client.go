package upstream

import (
	"net"
	"net/http"
	"time"
)

// NewClient makes a client for calls to models. Calls are bounded by their
// contexts alone, since an answer may take minutes; connecting is not.
func NewClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		// Every request under way holds a connection; the default of 2 idle ones a
		// host would dial anew for most.
		MaxIdleConns: 512, MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		// A thousand streams hold a thousand of each: chunks are a few hundred bytes,
		// and bodies are written past the buffer.
		ReadBufferSize: 2 << 10, WriteBufferSize: 1 << 10,
	}}
}
