package httpapi

import "time"

// Preference is what a caller's Prefer headers (RFC 7240) say about waiting.
type Preference struct {
	// Async: the caller takes a 202 at once.
	Async bool
	// Wait is how long the caller likes to wait before it takes a 202; 0 where it
	// does not say.
	Wait time.Duration
}

// ParsePreference reads the values of Prefer headers. What it cannot read it ignores.
func ParsePreference(headers []string) Preference {
	found := parsePrefer(headers)
	return Preference{Async: found.async, Wait: found.wait}
}
