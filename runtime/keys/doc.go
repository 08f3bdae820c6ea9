// Package keys is the bearer keys by which callers prove who they are: how a
// key is made, what is kept of it, and how a presented one is judged.
//
// A key is an identifier and a 256-bit random secret. Only the secret's
// SHA-256 is kept; a random secret of that length needs no slow hash, because
// it cannot be guessed. Each key belongs to a tenant and carries scopes.
//
// Where keys are kept is left to a [Store] (keys/memory, keys/dynamostore),
// what a scope opens to the HTTP API, and tokens of other issuers to
// httpapi/auth.
package keys
