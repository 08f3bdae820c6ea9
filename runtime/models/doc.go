// Package models decides which model answers. The name that a client asks for
// stands for an ordered list of routes, external providers (tier 1) and own
// services (tier 3); the first that can answer does, and the client can't tell
// which one it was except by asking.
//
// The next route is tried when one cannot be reached, is overloaded, fails, is
// too slow or is cold, and never after the first token went out: half an answer
// of one model cannot be continued by another. When no route could answer, all
// are tried again, after a pause with full jitter that honours Retry-After, for
// as long as the caller's deadline allows. Routes that fail again and again are
// left alone for a while (a circuit breaker each).
//
// Everything in and out has the shape of OpenAI's API, errors included. How a
// provider speaks is left to one package each (models/openai, models/anthropic,
// models/bedrock, and models/fake for trying things without a key); where
// spending is kept to models/budget and its stores, what is told to CloudWatch
// to models/emf, HTTP to httpapi.
package models
