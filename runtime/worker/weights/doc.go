// Package weights brings model weights from a prefix into a folder of the
// host: in parallel ranges, resumable, verified, and once for all tasks of the
// host, which wait for each other at a lock.
//
// A file appears under its name only when it is whole; what is under way lives
// in the folder .tandem. Where the objects come from is the [Source]'s; which
// host folder is mounted where is the construct's.
package weights
