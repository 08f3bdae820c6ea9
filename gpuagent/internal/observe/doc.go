// Package observe is what the agent's sources hand to its judgement: what a
// host looked like at one moment, and what happened since the moment before.
// How it is read is left to the sources (nvml, kmsg, imds, introspection), and
// what it means to the checks.
package observe
