// Package simulate runs a stream of jobs through a fleet that a policy sizes:
// the policy that runs in production, or one of its peers (simulate/policies).
// It is a discrete-event simulation of one worker on one capacity group; the
// same inputs and seed give the same [Summary], byte for byte.
//
// It reads in the order of a run: config (what is fixed), job, generate and
// dressed (what arrives), engine (the loop), queue and heap (what waits, and what
// is due), fleet (instances), work (checkpoints and what an interruption costs),
// observe and learn (what a policy is told), summary, histogram and timeline (what
// came of it). Many runs, and what they say together, are simulate/experiment's.
//
// Memory does not grow with the number of arrivals, only with what is in the
// system at once. Traces are read by simulate/traces; nothing here opens a file.
// docs/simulation.md says what is modelled and what is not.
package simulate
