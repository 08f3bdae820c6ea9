// Package capacity decides how many tasks each worker has: [Decide] is a pure
// function from what was observed to what should be, with the reason in words.
// The controller in a deployment and the simulator call the same function.
//
// It reads in the order of the decision: demand (what the work asks for, and
// how long idle tasks stay), schedule, deadlines, split (spot or on-demand), worth (whether spot
// pays), trouble (storms, margins, what to avoid), limits (groups and GPUs).
//
// Seeing and acting is left to capacity/ecsfleet, and what happened before to
// the [Memory] that a decision hands to the next.
package capacity
