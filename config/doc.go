// Package config says what an environment is: base.yaml with all that the
// environments share, and one overlay a file with what differs.
//
// [Load] merges the layers, holds them against schema.json, fills in every
// default and applies the rules that span several keys. It reports all that is
// wrong at once, each with file, line and a hint, and remembers where every
// value came from. What is built from a configuration, and what it costs, is
// left to others: this package imports nothing of ours and never calls AWS.
package config

//go:generate go run ../cmd/tandem config schema --generate=.
//go:generate go run ../cmd/tandem config reference --generate=../docs/configuration.md
