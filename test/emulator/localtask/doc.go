// Package localtask runs an ECS task as processes of this machine, for places
// without a Docker engine: each container becomes one process with the
// environment that its task definition gives it, resolved by the emulator that
// the task was deployed to. Beside them is a small stand-in for the ECS agent,
// which takes task protection and describes the task.
//
// A process gets, beyond its container's variables and secrets, only what ECS
// itself would give it (the agent's addresses), and what points the AWS SDK at
// the emulator rather than at AWS. Whatever else a test needs to change, such
// as a port that two tasks cannot share, it passes as an override, which the
// output names.
//
// Containers here share the host's loopback interface and file system, and
// their limits of memory and CPU are not kept.
package localtask
