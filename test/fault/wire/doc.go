// Package wire stands between processes and the AWS emulator and lets go wrong
// what goes wrong on a network and in AWS: connections that are cut, slow or
// silent (toxiproxy), calls that are throttled, refused or answered into a
// connection that is gone, messages that are lost, doubled and late.
//
// Each process has a [Link] of its own. Everything that reaches the emulator is
// shown to an observer, with what came of it.
package wire
