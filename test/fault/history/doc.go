// Package history judges what a run has done, from what was seen outside the
// processes: the writes that reached the table, what the containers were asked
// for and answered, what workers said, and what callers read at the end.
//
// It is told of everything as it happens, and finds at once what must never
// happen; the rest is judged at the end.
package history
