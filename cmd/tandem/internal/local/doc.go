// Package local is a whole deployment in one process, for trying things out:
// the real API, the real worker, the sweeper and the courier over memory, and
// an example in place of the model container. It needs no cloud and no Docker,
// and forgets everything when it ends.
package local
