// Package advise answers whether serverless is right for a workload: which
// tier should run it and why, which limits of AWS it would hit and how often,
// what each alternative costs a month, and at which volume the answer changes.
// It knows prices and closed forms; what happens minute by minute is package
// simulate's, and what an environment as a whole costs is package cost's.
package advise
