// Package modelsapi is the OpenAI-compatible part of the HTTP API: chat
// completions, embeddings and the list of models, in OpenAI's shapes, errors
// included. Any client of OpenAI's API works with it when it is told the base URL.
//
// A chat request that cannot be answered in time becomes a job where the client
// allows it (Prefer, RFC 7240) and the model has a worker to take over: a 202
// with the job's Location, whose result is the very completion.
//
// Which route answers is decided in runtime/models, what such a job's container
// gets in runtime/chatjob, and who may call by package httpapi.
package modelsapi
