package main

import "net/http"

func client(connections int) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * connections
	return &http.Client{Transport: transport}
}
