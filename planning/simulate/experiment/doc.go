// Package experiment runs a scenario through several policies, each with several
// seeds, and says what came of it: the means of what matters with their
// confidence intervals, how long jobs waited, and what happened over time.
//
// It reads in the order of a run: scenario (what a file says), defaults and scale
// (what lies under it), set and read (where it is read from), environment (a
// worker of a real one), check (what is wrong with it), prices, traces, market and
// build (what the simulator is given), entrants (the policies), run and progress,
// metrics and interval (the figures), result (what comes out), facts and words
// (what was assumed).
//
// All policies meet the same jobs and the same market with the same seed, so
// that their differences are known better than each of them alone. The same
// scenario and seeds give the same [Result], byte for byte, however many cores
// there are. Drawing it is simulate/report's business, and what happens inside a
// run simulate's.
package experiment
