// Package model is a model container that does what the job tells it to: work
// in steps, save checkpoints, hang, crash, answer 500 or garbage, fall silent.
// It tells on its standard output, line by line, all that it was asked and did.
//
// It knows nothing of the worker but the two contracts: the headers and paths
// of an invocation, and the local API.
package model
