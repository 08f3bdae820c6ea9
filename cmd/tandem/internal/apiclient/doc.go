// Package apiclient calls the HTTP API as a user would: with a key, over
// HTTP, and knowing nothing but what openapi.yaml says. It repeats what is
// safe to repeat, goes on where a stream or a download was cut, and turns
// problem details into errors that say what to do.
package apiclient
