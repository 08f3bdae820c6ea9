// Package modelstest proves that a provider keeps what models.Provider promises:
// one suite for all, against local servers that speak each provider's language
// as it was recorded from the real one's documentation, faults included.
package modelstest
