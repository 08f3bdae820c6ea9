// Package fleetreport is what workers tell the capacity controller of
// themselves: which task holds a lease, and how long jobs took. It knows nothing
// of what the controller makes of it (runtime/fleetstate, runtime/capacity), so
// that another policy is no other worker.
package fleetreport
