// Package gofunction turns a Go program under runtime/functions into a Lambda
// function: built by the local Go toolchain, without Docker, once a program
// however many stacks use it; its settings as environment variables; a role
// and a log group of its own.
//
// What the function may touch is granted by whoever creates it.
package gofunction
