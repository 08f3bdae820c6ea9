// Package agent holds the health agent together: it polls its sources, each in a
// goroutine of its own so that none can hold up another, hands what they see to
// the judge, and publishes one immutable [Snapshot], the status file first. How a
// reading is taken is the sources', what it means the checks' and health's, what
// is done about it act's, and how it is shown the server's.
package agent
