// Package stacks decides what is deployed together and what each stack hands
// to the next: Network, State, Compute, Workers, Services, Api, Observability.
// A stack takes typed values from earlier ones; there are no name strings and
// no exports by hand. A tier that is not configured leaves no stack.
//
// What an environment wants is read from package config; how a thing is built
// is in package constructs.
package stacks
