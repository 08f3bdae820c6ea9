// Package fake is a provider that needs neither key nor network, for local mode,
// tests and benchmarks. It says again what it was told, calls tools whose names
// it is told, fills in JSON schemas and makes up vectors, always the same.
package fake
