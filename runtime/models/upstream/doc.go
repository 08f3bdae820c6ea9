// Package upstream is what providers that are called over HTTP have in common:
// one pool of connections, and errors read from answers whatever they hold.
package upstream
