// Package table reads, from the DynamoDB calls that go over the wire, what they
// do to jobs. It knows the names of the attributes by itself rather than from
// the store that it watches, so that a store that writes something else than it
// should is not believed.
package table
