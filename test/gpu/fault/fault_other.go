//go:build !linux || !cgo

package fault

import "errors"

// ErrNoCUDA says that the CUDA driver's library is missing.
var ErrNoCUDA = errors.New("no libcuda.so.1")

// Provoke needs Linux and cgo.
func Provoke(int) error { return ErrNoCUDA }
