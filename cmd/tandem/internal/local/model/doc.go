// Package model runs one of the examples as a model container would run: a
// child process that speaks the container contract on a port of this machine.
// It needs no Docker, only what the example is written in.
package model
