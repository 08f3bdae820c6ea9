// Package emulator runs ministack, an emulator of AWS, for tests and tools:
// one process on a free port of the loopback interface, with an environment of
// its own that holds no real credentials and points at nothing but itself.
//
// It proves the data plane: tables, queues, buckets, functions and the API as
// they behave together. It never proves a template, because it accepts wrong
// ones: that is left to cfn-lint, checkov and the CDK's own validation.
//
// How a synthesised application gets onto it is the matter of the packages
// below: assembly leaves out what the emulator lacks, deploy runs the CDK's
// command line, localtask runs an ECS task as processes.
package emulator
