// Package prices holds prices as data, each file with its source and date, and
// looks them up. It imports nothing else of this project and reads no network.
// What a workload or a deployment costs is worked out by package planning; here
// is only what one unit costs.
package prices
