// Package fault makes a GPU program go wrong as real ones do: it stores to an
// address that is not mapped, which the driver answers with Xid 31 (or 13) and the
// end of the program's context. Nothing else on the GPU is touched, and none of its
// settings. It belongs into a process that is thrown away.
package fault
